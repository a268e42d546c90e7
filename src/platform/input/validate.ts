import { validateSync, type ValidationError } from 'class-validator';
import type { Fault } from '../errors/problem.js';
import { fault, NONE, refusal, segment, under } from './faults.js';
import { type Plan, planOf } from './plan.js';
import { type Dto, FieldSpec, type Unjudged } from './rule.js';

/**
 * The body as its DTO, or the 400 that lists every fault of every field.
 *
 * Class-validator is the judge. But it looks its metadata up anew for each call (7 µs for a body of five
 * fields), so a body with which none of the checks registered for its class finds fault is not brought before
 * it. What is then judged has lost its unknown fields: those are found here, since class-validator's whitelist
 * takes `hasOwnProperty` and other names that every object inherits for known.
 */
export function validateBody<T extends object>(dto: Dto<T>, value: unknown): T {
  const faults = faultsOf(dto, value);
  if (faults.length > 0) throw refusal(faults);
  return build(dto, value as Unjudged);
}

/** Everything wrong with a value that should be an object of this class. */
export function faultsOf(dto: Dto, value: unknown): readonly Fault[] {
  if (!isPlainObject(value)) return fault('must be an object');
  const plan = planOf(dto);
  return isBeyondDoubt(plan, value) ? NONE : judge(dto, plan, value);
}

/** An accepted value as an instance of its class, with what was left out filled in. */
export function build<T extends object>(dto: Dto<T>, value: Unjudged): T {
  const instance = new dto();
  const target = instance as Record<string, unknown>;
  for (const { name, spec, fallback } of planOf(dto).fields) {
    const given = value[name];
    if (given === undefined) {
      if (fallback !== undefined) target[name] = fallback;
    } else {
      target[name] = given !== null && spec?.rule?.build ? spec.rule.build(given) : given;
    }
  }
  return instance;
}

export function isPlainObject(value: unknown): value is Unjudged {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function isBeyondDoubt(plan: Plan, body: Unjudged): boolean {
  if (!plan.isOurs) return false;
  for (const key of Object.keys(body)) if (!plan.names.has(key)) return false;
  for (const { name, spec, conditions } of plan.fields) {
    const value = body[name];
    const isExamined = conditions.every((holds) => holds(body, value));
    if (isExamined && spec && spec.faults(value, body).length > 0) return false;
  }
  return true;
}

function judge(dto: Dto, plan: Plan, body: Unjudged): Fault[] {
  const unknown = Object.keys(body).filter((key) => !plan.names.has(key));
  const suspect = new dto() as Record<string, unknown>;
  for (const { name } of plan.fields) if (body[name] !== undefined) suspect[name] = body[name];
  const errors = validateSync(suspect, { forbidUnknownValues: false, validationError: { target: false } });
  return [
    ...errors.flatMap((error) => faultsIn(error, suspect)),
    ...unknown.map((key) => ({ field: segment(key), message: 'is not a known field' })),
  ];
}

/** Class-validator says which field is refused, the field itself in which places and why. */
function faultsIn(error: ValidationError, body: Unjudged): Fault[] {
  const context: unknown = error.contexts?.field;
  if (isPlainObject(context) && context.spec instanceof FieldSpec) {
    return under(error.property, context.spec.faults(error.value, body));
  }
  return [{ field: error.property, message: Object.values(error.constraints ?? {}).join(', ') }];
}
