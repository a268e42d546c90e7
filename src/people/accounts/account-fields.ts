import { MAX_PASSWORD, MIN_PASSWORD, passwordFault } from '../../platform/passwords/password-rules.js';
import { Checked, Text } from '../../platform/input/fields.js';
import { emailFault, MAX_EMAIL } from './email-form.js';

/** One person has one address, however it is written. */
export function plainEmail(text: string): string {
  return text.normalize('NFC').toLowerCase();
}

/** An e-mail address. */
export function Email(): PropertyDecorator {
  return both(Checked('email', emailFault), Text({ min: 3, max: MAX_EMAIL, example: 'ada@example.com' }));
}

/** A password that somebody wants. */
export function NewPassword(): PropertyDecorator {
  return both(
    Checked('password', passwordFault),
    Text({ min: MIN_PASSWORD, max: MAX_PASSWORD, characters: 'any', example: 'grey kettle, seven spoons' }),
  );
}

/** A password that is compared: whatever is wrong with it, it is a wrong one. */
export function Password(): PropertyDecorator {
  return Text({ max: MAX_PASSWORD, characters: 'any', example: 'grey kettle, seven spoons' });
}

/** The secret of a link, as it stands behind the `#`. */
export function LinkToken(): PropertyDecorator {
  return Text({ max: 128, characters: 'any', example: 'EXAMPLE3Zk0yq7Vw1o8mC5tRjPxNcLhBsDfGaKuEiY4' });
}

/** What a person is called. */
export function PersonName(): PropertyDecorator {
  return Text({ max: 120, example: 'Ada Lovelace' });
}

function both(...decorators: PropertyDecorator[]): PropertyDecorator {
  return (prototype, key) => {
    for (const decorate of decorators) decorate(prototype, key);
  };
}
