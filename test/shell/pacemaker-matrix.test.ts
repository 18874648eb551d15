/** docs/pacemaker.md has every command: those of the table are run on a real cluster by test/lab/pacemaker.test.ts. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ELSEWHERE, MATRIX } from '../lab/pacemaker-matrix.js';
import { commands } from './every-command.js';

const PROJECT = join(import.meta.dirname, '../..');
const PAGE = join(PROJECT, 'docs/pacemaker.md');
const lines = Object.values(MATRIX).flatMap((entries) => entries.map(({ command }) => command));

/** `crm -w resource stop a` without the options: `resource stop a`. */
const words = (line: string) => line.replace(/^crm (-c \S+ |-\w+ )*/, '');
const begins = (text: string, name: string) => text === name || text.startsWith(`${name} `);

it('each command is run on a real Pacemaker, or it is said why not', async () => {
  const names = (await commands()).map(([name]) => name);
  const left = names.filter((name) => !lines.some((line) => begins(words(line), name)));
  expect(left.filter((name) => !Object.keys(ELSEWHERE).some((one) => begins(name, one)))).toEqual([]);
  const needless = Object.keys(ELSEWHERE).filter((one) => !left.some((name) => begins(name, one)));
  expect(needless).toEqual([]);
});

it('the tests named instead are there', () => {
  const files = Object.values(ELSEWHERE).flatMap((why) => why.match(/test\/[\w/.-]+\.ts/g) ?? []);
  expect(files.filter((file) => !existsSync(join(PROJECT, file)))).toEqual([]);
});

it('docs/pacemaker.md shows the tables; UPDATE=1 writes them anew', () => {
  const code = (text: string) => `\`${text.replaceAll('|', '\\|')}\``;
  const rows = Object.entries(MATRIX).map(([level, entries]) => {
    const shown = entries.map(({ command }) => code(command.startsWith('crm_') ? command : words(command)));
    return `| ${level} | ${shown.join(', ')} |`;
  });
  const rest = Object.entries(ELSEWHERE).map(
    ([name, why]) => `| ${code(name)} | ${why.replaceAll('|', '\\|')} |`,
  );
  const text = readFileSync(PAGE, 'utf8');
  const put = (page: string, head: string, body: readonly string[]) => {
    const start = page.indexOf(head);
    const end = page.indexOf('\n\n', start);
    expect({ head, start: start > 0, end: end > 0 }).toEqual({ head, start: true, end: true });
    return `${page.slice(0, start)}${head}\n| --- | --- |\n${body.join('\n')}${page.slice(end)}`;
  };
  const page = put(put(text, '| level | commands |', rows), '| not in the table | |', rest);
  if (process.env.UPDATE) writeFileSync(PAGE, page);
  expect(text === page || process.env.UPDATE === '1').toBe(true);
});
