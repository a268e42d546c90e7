import { ApiProperty, type ApiPropertyOptions } from '@nestjs/swagger';
import { registerDecorator, ValidateIf, type ValidationArguments } from 'class-validator';
import { type FieldSchema, FieldSpec, type Rule, type Unjudged } from './rule.js';

const specs = new WeakMap<object, Map<string, FieldSpec>>();

/**
 * A property decorator that says something about a field, to class-validator and to OpenAPI alike. The first
 * one on a property registers the field with class-validator; later ones change what was registered, so the
 * order in which decorators stand means nothing.
 */
export function amend(change: (spec: FieldSpec) => void): PropertyDecorator {
  return (prototype, key) => {
    const spec = specOf(prototype, String(key));
    change(spec);
    if (spec.rule) ApiProperty(documentOf(spec, spec.rule))(prototype, key);
  };
}

function specOf(prototype: object, property: string): FieldSpec {
  const ofClass = specs.get(prototype) ?? new Map<string, FieldSpec>();
  specs.set(prototype, ofClass);
  const known = ofClass.get(property);
  if (known) return known;
  const spec = new FieldSpec();
  ofClass.set(property, spec);
  register(prototype, property, spec);
  return spec;
}

/** The spec travels in `context`: through class-validator's errors, and through Nest's mapped types. */
function register(prototype: object, property: string, spec: FieldSpec): void {
  ValidateIf((_body, value) => spec.applies(value))(prototype, property);
  registerDecorator({
    name: 'field',
    target: prototype.constructor,
    propertyName: property,
    options: { message: 'is refused', context: { spec } },
    validator: {
      validate: (value: unknown, args?: ValidationArguments) =>
        spec.faults(value, args?.object as Unjudged).length === 0,
    },
  });
}

/** The field as OpenAPI has it. */
function documentOf({ extras, mayBeAbsent, mayBeNull, fallback }: FieldSpec, rule: Rule): ApiPropertyOptions {
  const schema: FieldSchema = { ...rule.schema };
  for (const { name, each } of extras) {
    if (!each && schema.type === 'string') schema.format ??= name;
    if (each && schema.items?.type === 'string') schema.items = { format: name, ...schema.items };
  }
  return {
    ...schema,
    required: !mayBeAbsent,
    ...(mayBeNull && { nullable: true }),
    ...(fallback !== undefined && { default: fallback }),
  } as ApiPropertyOptions;
}
