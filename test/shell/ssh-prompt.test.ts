import { expect, it } from 'vitest';
import type { Session } from '../../src/shell/session.js';
import { sshPrompt } from '../../src/shell/ssh-prompt.js';
import { remembering } from '../../src/ssh/prompt.js';

type Answer = (text: string | null) => void;

it('asks about one host after the other, through whoever has the terminal', async () => {
  const asked: string[] = [];
  const answers: Answer[] = [];
  const secret = remembering(({ text }) => {
    asked.push(text);
    return new Promise<string | null>((resolve) => answers.push(resolve));
  });
  const world = { interactive: true, secret };
  const prompt = sshPrompt({ world } as unknown as Session)!;
  const first = prompt({ text: 'n1', echo: false });
  const second = prompt({ text: 'n2', echo: false });
  await expect.poll(() => asked, { timeout: 20_000 }).toEqual(['n1']);
  answers[0]!('one');
  expect(await first).toBe('one');
  await expect.poll(() => asked, { timeout: 20_000 }).toEqual(['n1', 'n2']);
  answers[1]!(null);
  expect(await second).toBeNull();
});

it('asks nobody in a batch', () => {
  expect(sshPrompt({ world: { interactive: false } } as unknown as Session)).toBeUndefined();
});
