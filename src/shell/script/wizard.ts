/** A value that a wizard asks for. */
export interface WizardParameter {
  readonly name: string;
  readonly summary: string;
  readonly required?: boolean;
  /** Two uses of the wizard may not have the same value. */
  readonly unique?: boolean;
  readonly type?: 'string' | 'resource' | 'ip_address' | 'integer' | 'boolean' | 'port';
  /** May use the values of parameters before it: `{{id}}-vip`. */
  readonly default?: string;
  readonly example?: string;
}

/** One thing that a wizard does: an agent's primitive, commands, or another wizard as a part of this one. */
export type WizardStep =
  | {
      readonly kind: 'resource';
      readonly title: string;
      readonly parameters: readonly WizardParameter[];
      /**
       * Statements of `crm configure`; `{{name}}` is a value, `{{#name}}...{{/name}}` stands only where there is one,
       * `{{^name}}...{{/name}}` only where there is none.
       */
      readonly statements: string;
    }
  | {
      readonly kind: 'run';
      readonly title: string;
      readonly parameters: readonly WizardParameter[];
      /** Commands of `crm`, one a line, with values as in statements; the first that fails ends the run. */
      readonly commands: string;
    }
  | {
      readonly kind: 'include';
      readonly wizard: string;
      /** What its values are given by, where not by its name: a part may be there more than once. */
      readonly as?: string;
      /** Left out unless one of its values is given. */
      readonly optional: boolean;
      /** Values that the part takes from the whole unless given: name → template. */
      readonly defaults: Readonly<Record<string, string>>;
    };

export interface Wizard {
  readonly name: string;
  readonly category: 'Basic' | 'Database' | 'File system' | 'NFS' | 'SAP' | 'Server' | 'Stonith' | 'Script';
  readonly title: string;
  readonly text: string;
  readonly steps: readonly WizardStep[];
  /** After the steps: what ties their resources together. */
  readonly finish?: string;
}

/** How the resource of a wizard shall be called. */
export const id: WizardParameter = {
  name: 'id',
  summary: 'Identifier for the cluster resource',
  required: true,
  unique: true,
  type: 'resource',
};
