import type { Environment } from './environment.js';

/** Asks before something dangerous; `--force` and `--yes` answer. Nobody there to answer is a no, said as an error. */
export async function confirmed(environment: Environment, text: string): Promise<boolean> {
  if (environment.forced || environment.has('--yes')) {
    environment.warn(text);
    return true;
  }
  if (!environment.world.interactive) environment.fail(`${text}, use --force to override`);
  environment.warn(text);
  const answer = await environment.world.question(
    "Type 'yes' or 'y' to proceed, anything else to cancel: ",
    true,
  );
  if (answer !== null && ['yes', 'y'].includes(answer.trim().toLowerCase())) return true;
  environment.say('Canceled');
  return false;
}
