import { join } from 'node:path';
import { loadBundle } from './code-cache.js';

/** What a tool's module exports. Rejects with the code NOT_LIGHT where a bundle lacks what the command needs. */
interface ToolModule {
  run(): Promise<void>;
}

/**
 * Where only some command lines are for the bundle: one command, here. A prompt, a file of commands or a command that
 * may go to other hosts could find out that a module is missing after it has done half of its work.
 */
const QUICK: Readonly<Record<string, RegExp>> = {
  crm: /^((-[FnwdR]|--(force|no|wait|debug)|-D \S+|-c \S+) )*(status|verify|(cib|configure|maintenance|node|options|ra|resource|site|template) \S)/,
  pcs: /^((-f|--[a-z-]+) (\S+ )?)*(acl|alert|constraint|property|resource|status|stonith|tag)( |$)/,
};

/** Options of crm_mon with which it draws no full screen. */
const NO_SCREEN = /(^| )(-[^-\s]*[1sXdwhN?$]|--(one-shot|output|simple|as-|web|daemon|disable|version|help))/;

/** A line of crm that leads to a prompt: options alone, none of which reads commands from a file or only prints. */
const PROMPT =
  /^(-[FnwdR]|--(force|no|wait|debug|regression-tests)|-[DcHX] \S+|--(display|cib|host|profile)[= ]\S+|\s)*$/;

/** Whether a tool will talk on the terminal that it has, rather than print and end. */
const ON_TERMINAL: Readonly<Record<string, (words: string) => boolean>> = {
  crm: (words) => PROMPT.test(words) && process.stdin.isTTY && process.stdout.isTTY,
  crm_mon: (words) => !NO_SCREEN.test(words) && process.stdout.isTTY,
};

/**
 * Starts a tool: from its one compiled file in `dist/lib`, or, where it has none or where that lacks a module
 * that this command needs (SSH, the full screen), from its ES modules (`dist/lib/NAME.js`).
 *
 * @param terminal a second compiled file, with the full screen or the prompt: for a terminal
 */
export async function launch(name: string, bundle: string | null, terminal?: string): Promise<void> {
  const folder = join(__dirname, '../lib');
  const words = process.argv.slice(2).join(' ');
  const onTerminal = terminal !== undefined && (ON_TERMINAL[name]?.(words) ?? false);
  const file = onTerminal ? terminal : bundle;
  if (file && (onTerminal || QUICK[name] === undefined || QUICK[name].test(words))) {
    try {
      await (loadBundle(join(folder, file)) as ToolModule).run();
      return;
    } catch (error) {
      if ((error as { code?: string }).code !== 'NOT_LIGHT') throw error;
    }
  }
  await ((await import(join(folder, `${name}.js`))) as ToolModule).run();
}
