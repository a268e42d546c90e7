/** Words that most guessed passwords are made of, in lower case and without digits put for letters. */
export const COMMON_WORDS: ReadonlySet<string> = new Set(
  `password passwort passwords passphrase passcode motdepasse contrasena wachtwoord senha parola haslo
   admin administrator root superuser sysadmin owner user username guest test tester testing default changeme changeit
   change temp temporary secret secrets topsecret master letmein letmeinnow welcome welcomeback hello helloworld login
   logmein access trustme trustno opensesame abracadabra iloveyou iloveyousomuch loveyou lovely loveme forever
   iloveyoubaby sunshine princess dragon monkey shadow superman batman spiderman starwars football baseball basketball
   soccer hockey michael jennifer jordan charlie ashley jessica daniel michelle computer internet whatever nothing
   freedom flower butterfly chocolate summer winter spring autumn monday friday january february september october
   november december company business server database postgres postgresql developer production staging token tooken
   apikey qwerty qwertz azerty qwertyuiop qwertzuiop asdfgh asdfghjkl zxcvbn zxcvbnm qweasd qweasdzxc qazwsx qazwsxedc
   pokemon minecraft liverpool chelsea arsenal barcelona corvette ferrari mercedes porsche mustang harley yankees
   cowboys steelers lakers killer hunter ranger buster thomas robert matthew joshua andrew william jesus jesuschrist
   blessed heaven angel angels family babygirl lovelove cookie pepper ginger cheese banana orange purple silver golden`
    .split(/\s+/)
    .filter((word) => word !== ''),
);

/** What is typed by running along a row, a column or the alphabet; backwards too. */
export const RUNS: readonly string[] = [
  '01234567890123456789012345678901234567890',
  'abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz',
  'qwertyuiopasdfghjklzxcvbnmqwertyuiopasdfghjklzxcvbnm',
  'qwertzuiopasdfghjklyxcvbnm',
  'azertyuiopqsdfghjklmwxcvbn',
  '1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p',
  '1q2w3e4r5t6y7u8i9o0p1q2w3e4r5t',
  'q1w2e3r4t5y6u7i8o9p0',
  'qazwsxedcrfvtgbyhnujmikolp',
  'a1b2c3d4e5f6g7h8i9j0',
  '1a2b3c4d5e6f7g8h9i0j',
  '1234567890qwertyuiopasdfghjklzxcvbnm',
  'abcdefghijkl1234567890',
  'abc123abc123abc123',
  '1234qwerasdfzxcv1234qwer',
  'qwer1234asdf5678',
].flatMap((run) => [run, Array.from(run).reverse().join('')]);
