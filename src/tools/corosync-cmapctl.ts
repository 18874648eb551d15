import { cmapctlWith } from '../cluster-tools/corosync/cmapctl.js';
import { runTool } from '../command-line/tool.js';

async function* typedLines(signal: AbortSignal): AsyncIterable<string> {
  const { createInterface } = await import('node:readline');
  yield* createInterface({ input: process.stdin, signal });
}

export const run = () => runTool(cmapctlWith(typedLines));
