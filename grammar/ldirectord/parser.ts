import { EmbeddedActionsParser, type IToken } from 'chevrotain';
import { placeOf } from '../place.js';
import { TotalGrammar } from '../total-grammar.js';
import type { LdirectordFile, Mistake, Setting, VirtualService } from './ast.js';
import {
  allTokens,
  Equals,
  Indentation,
  lexerDefinition,
  Name,
  Newline,
  ShortIndentation,
  Value,
} from './tokens.js';

/*
 * ldirectord.cf, as read_config of ldirectord(8) reads it:
 *
 *   file    = { [ indentation ] [ setting ] newline }
 *   setting = name { name } [ "=" [ value ] ]         checktimeout=3
 *
 * A setting that is indented belongs to the `virtual` line above it; a line that is not ends the service. So which
 * lines belong together is found when the lines are known, and a wrong line does not hide the ones after it.
 */

export interface ParseResult {
  readonly file: LdirectordFile;
  /** In the order of the text. What is there, but should not be, is found by `check.ts`. */
  readonly mistakes: readonly Mistake[];
}

interface Line {
  readonly indentation: IToken | undefined;
  readonly short: IToken | undefined;
  readonly names: readonly IToken[];
  readonly equals: IToken | undefined;
  readonly value: IToken | undefined;
}

class LdirectordParser extends EmbeddedActionsParser {
  constructor(skipValidations: boolean) {
    super(allTokens, { maxLookahead: 1, recoveryEnabled: false, skipValidations });
    this.performSelfAnalysis();
  }

  file = this.RULE('file', (): Line[] => {
    const lines: Line[] = [];
    this.MANY(() =>
      this.OR([
        { ALT: () => this.CONSUME(Newline) },
        {
          ALT: () => {
            const indentation = this.CONSUME(Indentation);
            const line = this.SUBRULE(this.setting);
            this.ACTION(() => lines.push({ ...line, indentation }));
          },
        },
        {
          ALT: () => {
            const short = this.CONSUME(ShortIndentation);
            const line = this.SUBRULE2(this.setting);
            this.ACTION(() => lines.push({ ...line, short }));
          },
        },
        {
          ALT: () => {
            const line = this.SUBRULE3(this.setting);
            this.ACTION(() => lines.push(line));
          },
        },
      ]),
    );
    return lines;
  });

  private setting = this.RULE('setting', (): Line => {
    const names: IToken[] = [];
    let equals: IToken | undefined;
    let value: IToken | undefined;
    this.OR([
      {
        ALT: () => {
          this.AT_LEAST_ONE(() => {
            const name = this.CONSUME(Name);
            this.ACTION(() => names.push(name));
          });
          this.OPTION(() => {
            equals = this.CONSUME(Equals);
            value = this.OPTION2(() => this.CONSUME(Value));
          });
        },
      },
      {
        ALT: () => {
          equals = this.CONSUME2(Equals);
          value = this.OPTION3(() => this.CONSUME2(Value));
        },
      },
    ]);
    return { indentation: undefined, short: undefined, names, equals, value };
  });
}

const grammar = new TotalGrammar(
  'ldirectord',
  lexerDefinition,
  (skipValidations) => new LdirectordParser(skipValidations),
);

export const validateGrammar = (): void => grammar.validate();

/** Reads the text of an ldirectord.cf. Never throws: mistakes are collected, each with its place. */
export function parseLdirectord(text: string): ParseResult {
  return gather(grammar.parse(text, (parser) => parser.file()));
}

function gather(lines: readonly Line[]): ParseResult {
  const mistakes: Mistake[] = [];
  const globals: Setting[] = [];
  const services: (VirtualService & { readonly settings: Setting[] })[] = [];
  let open: (typeof services)[number] | null = null;
  for (const line of lines) {
    const setting = settingOf(line, mistakes);
    const indented = line.indentation !== undefined;
    if (!indented && !line.short) open = null;
    if (line.short) {
      mistakes.push({
        severity: 'error',
        code: 'indentation',
        message: 'a line of a virtual service begins with four blanks or a tab, this one with less',
        fix: 'indent it by four blanks; a line of its own begins without',
        place: placeOf(line.short),
      });
      const last = services.at(-1);
      if (setting && last) last.settings.push(setting);
      continue;
    }
    if (!setting) continue;
    if (!indented && (setting.name === 'virtual' || setting.name === 'virtual6')) {
      open = { ...setting, settings: [] };
      services.push(open);
    } else if (open) open.settings.push(setting);
    else if (indented) {
      mistakes.push({
        severity: 'error',
        code: 'no-service',
        message: `'${setting.name}' is indented, but belongs to no virtual service`,
        fix: "put it below a 'virtual = ADDRESS:PORT' line, without an unindented line between",
        place: setting.place,
      });
    } else globals.push(setting);
  }
  return { file: { globals, services }, mistakes };
}

function settingOf(line: Line, mistakes: Mistake[]): Setting | null {
  const [name, extra] = line.names;
  const complain = (code: string, token: IToken, message: string, fix: string): null => {
    mistakes.push({ severity: 'error', code, message, fix, place: placeOf(token) });
    return null;
  };
  if (!name)
    return complain('no-name', line.equals!, "a setting is missing before '='", 'as in: checktimeout=3');
  // The one setting that may stand without a value.
  if (!line.equals && !extra && name.image === 'supervised') {
    return { name: name.image, value: 'yes', place: placeOf(name), valuePlace: placeOf(name) };
  }
  if (extra) {
    return complain(
      'no-equals',
      extra,
      `'=' is missing after '${name.image}'`,
      `write '${name.image}=${line.names
        .slice(1)
        .map(({ image }) => image)
        .join(' ')}'`,
    );
  }
  if (!line.equals) {
    return complain('no-equals', name, `'${name.image}' has no value`, `write '${name.image}=VALUE'`);
  }
  return {
    name: name.image,
    value: line.value?.image ?? '',
    place: placeOf(name),
    valuePlace: placeOf(line.value ?? line.equals),
  };
}
