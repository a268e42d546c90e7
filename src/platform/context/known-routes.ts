import { Injectable } from '@nestjs/common';

interface KnownRoute {
  path: RegExp;
  methods: string[];
}

/** Every route of the product, so that a wrong method can be told from a wrong path. */
@Injectable()
export class KnownRoutes {
  private readonly routes = new Map<string, KnownRoute>();

  /** @param template with `:name` for a segment, as Fastify has it. */
  add(template: string, method: string | string[]): void {
    const known = this.routes.get(template) ?? { path: pattern(template), methods: [] };
    known.methods.push(...(Array.isArray(method) ? method : [method]));
    this.routes.set(template, known);
  }

  /** The methods that some route answers on this path; for `Allow` (RFC 9110 §10.2.1). */
  methodsOf(path: string): string[] {
    const matching = [...this.routes.values()].filter((route) => route.path.test(path));
    return [...new Set(matching.flatMap((route) => route.methods))].sort();
  }
}

function pattern(template: string): RegExp {
  const source = template
    .split('/')
    .map((segment) => (segment.startsWith(':') ? '[^/]+' : segment.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')))
    .join('/');
  return new RegExp(`^${source}$`);
}
