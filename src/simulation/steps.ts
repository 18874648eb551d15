/** One thing that was changed about a CIB before anything was decided. */
export type Modification =
  | { readonly kind: 'quorum' | 'watchdog'; readonly value: string }
  | { readonly kind: 'node'; readonly change: 'Online' | 'Offline' | 'Failing'; readonly node: string }
  | {
      readonly kind: 'ticket';
      readonly change: 'Granting' | 'Revoking' | 'Standby' | 'Activating';
      readonly ticket: string;
    }
  | { readonly kind: 'specification'; readonly text: string }
  | AttributeStep;

/** A transient attribute that was set beside a failed operation. */
export interface AttributeStep {
  readonly kind: 'attribute';
  readonly name: string;
  readonly value: string;
  /** The id of the node's state. */
  readonly state: string;
}

/** One thing that a simulated transition did. */
export type Step =
  | { readonly kind: 'pseudo'; readonly task: string; readonly node: string | undefined }
  | {
      readonly kind: 'cluster';
      readonly task: string;
      readonly node: string;
      readonly resource: string | undefined;
    }
  | { readonly kind: 'fencing'; readonly target: string; readonly operation: string }
  | {
      readonly kind: 'resource';
      readonly resource: string;
      readonly operation: string;
      readonly node: string;
      readonly intervalMs: number;
    }
  | AttributeStep
  /** A word to the reader, not an action. */
  | { readonly kind: 'pretence'; readonly action: number; readonly rc: number };

const NODE_CHANGES = {
  Online: (node: string) => `Bringing node ${node} online`,
  Offline: (node: string) => `Taking node ${node} offline`,
  Failing: (node: string) => `Failing node ${node}`,
} as const;

/** As `crm_simulate` words it. */
export function modificationText(modification: Modification): string {
  switch (modification.kind) {
    case 'quorum':
    case 'watchdog':
      return `Setting ${modification.kind}: ${modification.value}`;
    case 'node':
      return NODE_CHANGES[modification.change](modification.node);
    case 'ticket': {
      const { change, ticket } = modification;
      return change === 'Standby' ? `Making ticket ${ticket} standby` : `${change} ticket ${ticket}`;
    }
    case 'specification':
      return `Injecting ${modification.text} into the configuration`;
    case 'attribute':
      return attributeText(modification);
  }
}

function attributeText({ name, value, state }: AttributeStep): string {
  return `Injecting attribute ${name}=${value} into /node_state '${state}'`;
}

/** As `crm_simulate` words it. */
export function stepText(step: Step): string {
  switch (step.kind) {
    case 'pseudo':
      return `Pseudo action:   ${step.task}${step.node === undefined ? '' : ` on ${step.node}`}`;
    case 'cluster': {
      const about = step.resource === undefined ? '' : ` for ${step.resource}`;
      return `Cluster action:  ${step.task}${about} on ${step.node}`;
    }
    case 'fencing':
      return `Fencing ${step.target} (${step.operation})`;
    case 'resource': {
      const interval = step.intervalMs > 0 ? `=${step.intervalMs}` : '';
      return `Resource action: ${step.resource.padEnd(15)} ${step.operation}${interval} on ${step.node}`;
    }
    case 'attribute':
      return attributeText(step);
    case 'pretence':
      return `Pretending action ${step.action} failed with rc=${step.rc}`;
  }
}

/** What was done, without the words to the reader. */
export function doneTexts(steps: readonly Step[]): string[] {
  return steps.filter(({ kind }) => kind !== 'pretence').map(stepText);
}
