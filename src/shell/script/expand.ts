import type { Wizard, WizardParameter, WizardStep } from './wizards.js';

/** A parameter with the name it is given by: `ip`, or `virtual-ip:ip` in a part. */
export interface GivenParameter extends WizardParameter {
  readonly given: string;
}

/** One numbered step as it is shown: `2.1. The address`, with its parameters. */
export interface ShownStep {
  readonly number: string;
  readonly title: string;
  readonly optional: boolean;
  readonly parameters: readonly GivenParameter[];
}

type Find = (name: string) => Wizard | undefined;

/** The wizard's steps with those of its parts. */
export function shownSteps(wizard: Wizard, find: Find, prefix = '', number = ''): ShownStep[] {
  const shown: ShownStep[] = [];
  for (const [index, step] of wizard.steps.entries()) {
    const own = `${number}${index + 1}.`;
    if (step.kind !== 'include') {
      const parameters = step.parameters.map((parameter) => ({
        ...parameter,
        given: prefix + parameter.name,
      }));
      shown.push({ number: own, title: step.title, optional: false, parameters });
      continue;
    }
    const part = find(step.wizard);
    if (!part) continue;
    shown.push({
      number: own,
      title: step.as === undefined ? part.title : `${part.title}: ${step.as}`,
      optional: step.optional,
      parameters: [],
    });
    shown.push(
      ...shownSteps(part, find, `${prefix}${step.as ?? step.wizard}:`, own).map((inner) =>
        withDefaults(inner, step),
      ),
    );
  }
  return shown;
}

function withDefaults(shown: ShownStep, step: WizardStep & { kind: 'include' }): ShownStep {
  return {
    ...shown,
    parameters: shown.parameters.map((parameter) => {
      const value = step.defaults[parameter.name];
      return value === undefined ? parameter : { ...parameter, required: false, default: value };
    }),
  };
}

/** Statements to take into the configuration, or commands to run. */
export interface WizardAction {
  readonly kind: 'configure' | 'run';
  readonly title: string;
  readonly text: string;
}

export type Expanded =
  | { readonly ok: true; readonly actions: readonly WizardAction[] }
  | { readonly ok: false; readonly problems: readonly string[] };

/** The statements that a wizard makes of values, or everything that is wrong with the values. */
export function expandWizard(wizard: Wizard, values: Readonly<Record<string, string>>, find: Find): Expanded {
  const problems: string[] = [];
  const known = new Set(
    shownSteps(wizard, find).flatMap(({ parameters }) => parameters.map(({ given }) => given)),
  );
  const unknown = Object.keys(values).filter((name) => !known.has(name));
  if (unknown.length > 0) problems.push(`Unknown parameter(s): ${unknown.join(', ')}`);
  const all = new Map(Object.entries(values));
  const missing: string[] = [];
  const texts: string[] = [];
  const runs: WizardAction[] = [];
  const visit = (current: Wizard, prefix: string, defaults: Readonly<Record<string, string>>): void => {
    for (const step of current.steps) {
      if (step.kind === 'include') continue;
      for (const parameter of step.parameters) {
        const given = prefix + parameter.name;
        const fallback = defaults[parameter.name] ?? parameter.default;
        if (!all.has(given) && fallback !== undefined) all.set(given, fill(fallback, all, ''));
        const value = all.get(given);
        if (value === undefined || value === '') {
          all.delete(given);
          if (parameter.required && defaults[parameter.name] === undefined) missing.push(given);
        } else {
          const complaint = check(parameter, value);
          if (complaint) problems.push(`${given}: ${value}: ${complaint}`);
        }
      }
      if (step.kind === 'resource') texts.push(statements(step.statements, all, prefix));
      else runs.push({ kind: 'run', title: step.title, text: fill(step.commands.trim(), all, prefix) });
    }
    for (const step of current.steps) {
      if (step.kind !== 'include') continue;
      const inner = `${prefix}${step.as ?? step.wizard}:`;
      const wanted = !step.optional || [...all.keys()].some((name) => name.startsWith(inner));
      const part = find(step.wizard);
      if (wanted && part) visit(part, inner, step.defaults);
    }
    if (current.finish !== undefined) texts.push(statements(current.finish, all, prefix));
  };
  visit(wizard, '', {});
  if (missing.length > 0) problems.push(`Missing required parameter(s): ${missing.join(', ')}`);
  if (problems.length > 0) return { ok: false, problems };
  const text = texts.join('\n');
  const configure: WizardAction[] =
    text === '' ? [] : [{ kind: 'configure', title: 'Configure cluster resources', text }];
  return { ok: true, actions: [...configure, ...runs] };
}

/** Lines of a template as statements: a line that begins with a tab goes on with the one before. */
function statements(template: string, values: ReadonlyMap<string, string>, prefix: string): string {
  const lines: string[] = [];
  for (const line of fill(template, values, prefix).split('\n')) {
    if (line.trim() === '') continue;
    if (line.startsWith('\t') && lines.length > 0) {
      lines[lines.length - 1] += ' \\';
      lines.push(line);
    } else lines.push(line);
  }
  return lines.join('\n');
}

function fill(template: string, values: ReadonlyMap<string, string>, prefix: string): string {
  const held = (name: string) => values.get(prefix + name);
  let text = template;
  const block = /\{\{([#^])([\w:-]+)\}\}((?:(?!\{\{[#^])[\s\S])*?)\{\{\/\2\}\}/;
  // Inner blocks first, until none is left.
  for (let found = block.exec(text); found; found = block.exec(text)) {
    const [whole, kind, name, inner] = found as unknown as [string, string, string, string];
    const there = held(name) !== undefined;
    text = text.replace(whole, () => (there === (kind === '#') ? inner : ''));
  }
  return text.replace(/\{\{([\w:-]+)\}\}/g, (_, name: string) => held(name) ?? '');
}

function check(parameter: WizardParameter, value: string): string | null {
  if (/["\n]/.test(value)) return 'must not contain quotes';
  switch (parameter.type) {
    case 'resource':
      return /^[A-Za-z_][\w.-]*$/.test(value) ? null : 'expected a name of letters, digits, - . and _';
    case 'integer':
    case 'port':
      return /^\d+$/.test(value) ? null : 'expected a number';
    case 'boolean':
      return /^(true|false|yes|no|on|off)$/i.test(value) ? null : 'expected true or false';
    case 'ip_address':
      return isAddress(value) ? null : 'expected an IPv4 or IPv6 address';
    default:
      return null;
  }
}

function isAddress(text: string): boolean {
  const four = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  if (four) return four.slice(1).every((part) => Number(part) <= 255);
  return /^[0-9a-f:]*:[0-9a-f:.]*$/i.test(text);
}
