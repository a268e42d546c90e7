import { getMetadataStorage, ValidationTypes } from 'class-validator';
import { type Dto, FieldSpec } from './rule.js';

type Condition = (body: unknown, value: unknown) => boolean;

interface PlannedField {
  name: string;
  /** Undefined for a field that carries only decorators of class-validator's own. */
  spec: FieldSpec | undefined;
  /** The field is examined only if all of these hold. */
  conditions: Condition[];
  /** What an absent field becomes. */
  fallback: unknown;
}

/** What class-validator knows about a class. */
export interface Plan {
  fields: readonly PlannedField[];
  names: ReadonlySet<string>;
  /** Whether every check is one of ours, which can be asked without class-validator. */
  isOurs: boolean;
}

const plans = new WeakMap<Dto, Plan>();

export function planOf(dto: Dto): Plan {
  let plan = plans.get(dto);
  if (!plan) plans.set(dto, (plan = draw(dto)));
  return plan;
}

/** Reads the class's metadata once, and refuses a class that would not mean what its decorators say. */
function draw(dto: Dto): Plan {
  const fields = new Map<string, PlannedField>();
  let isOurs = true;
  for (const metadata of getMetadataStorage().getTargetValidationMetadatas(dto, '', false, false)) {
    const { type, propertyName: name } = metadata;
    const field = fields.get(name) ?? { name, spec: undefined, conditions: [], fallback: undefined };
    fields.set(name, field);
    const context = metadata.context as { spec?: unknown } | undefined;
    if (type === ValidationTypes.NESTED_VALIDATION) throw mistake(dto, name, 'needs @Nested');
    else if (type === ValidationTypes.CONDITIONAL_VALIDATION) {
      field.conditions.push(metadata.constraints[0] as Condition);
    } else if (context?.spec instanceof FieldSpec) field.spec = context.spec;
    else isOurs = false;
  }
  for (const field of fields.values()) complete(dto, field);
  return { fields: [...fields.values()], names: new Set(fields.keys()), isOurs };
}

function complete(dto: Dto, field: PlannedField): void {
  const { name, spec, conditions } = field;
  if (!spec) return;
  if (!spec.rule) throw mistake(dto, name, 'has no decorator that says its type');
  if (!spec.mayBeNull && conditions.some((holds) => !holds({}, null))) {
    throw mistake(dto, name, 'would take null: PartialType needs skipNullProperties: false');
  }
  // A second condition is a mapped type's, as in a PATCH body: there, absent means unchanged.
  if (conditions.length === 1) field.fallback = spec.fallback;
}

function mistake(dto: Dto, name: string, what: string): Error {
  return new Error(`${dto.name}.${name} ${what}`);
}
