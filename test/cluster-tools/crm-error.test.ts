import { expect, test } from 'vitest';
import { crmError } from '../../src/cluster-tools/crm-error.js';
import { runTool } from './run-tool.js';

/** Numbers as words, and what crm_error of Pacemaker 2.1.5 prints of them. */
test.each([
  ['-- -1022', 'Unknown error 1022\n'],
  ['-V -- -1022', '-1022: Unknown error 1022\n'],
  ['-n -- abc', 'Unknown - Error\n'],
  ['--output-as=xml -- -5', '<result-code code="-5" description="Input/output error"/>'],
  ['--output-as=xml -- abc', '<result-code code="-2147483648" description="Error"/>'],
])('crm_error %s', async (line, expected) => {
  const { exit, out } = await runTool(crmError, 'crm_error', line.split(' '));
  expect(exit).toBe(0);
  expect(out).toContain(expected);
});
