import { main } from '../monitor/main.js';

export async function run(): Promise<void> {
  process.exitCode = await main(process.argv.slice(2), async (question) => {
    const { askSecret } = await import('../shell/secret-prompt.js');
    return askSecret(question);
  });
}
