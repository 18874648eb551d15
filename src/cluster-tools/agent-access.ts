import { perform, type Request } from '../cib/operations.js';
import type { ResultName } from '../command-line/result-codes.js';
import type { Surroundings } from '../command-line/tool.js';
import type { ConnectionError, Outcome } from '../connection/connection.js';
import { openLocal } from '../connection/local.js';
import type { Method, Params, Result } from '../protocol/messages.js';
import { type AccessOutcome, type CibAccess, failureOf, operationSurroundings } from './access.js';

function fromConnection(error: ConnectionError): { ok: false; failure: ResultName; message: string } {
  let failure: ResultName = 'ENOTCONN';
  if (error.kind === 'refused' && error.answer) failure = failureOf(error.answer);
  else if (error.kind === 'unsupported') failure = 'EOPNOTSUPP';
  else if (error.kind === 'authentication') failure = 'EACCES';
  return { ok: false, failure, message: error.message };
}

function translate<T>(outcome: Outcome<T>): AccessOutcome<T> {
  return outcome.ok ? outcome : fromConnection(outcome.error);
}

/** How often a change is made anew because someone else's came between. */
const ATTEMPTS_MAX = 5;

/** Opens the CIB of the running cluster, through this machine's agent. */
export async function openAgent(
  surroundings: Surroundings,
  user?: string,
): Promise<AccessOutcome<CibAccess>> {
  const opened = await openLocal({ program: surroundings.name });
  if (!opened.ok) return fromConnection(opened.error);
  const connection = opened.value;
  const operation = operationSurroundings(surroundings, user);
  const run = async (
    request: Request,
  ): Promise<AccessOutcome<import('../cib/element.js').Element | undefined>> => {
    for (let attempt = 1; ; attempt++) {
      const before = await connection.readCib();
      if (!before.ok) return fromConnection(before.error);
      const outcome = perform(before.value, request, operation);
      if (!outcome.ok) {
        const { failure, output } = outcome;
        return output ? { ok: false, failure, output } : { ok: false, failure };
      }
      if (request.operation === 'query') return { ok: true, value: outcome.output };
      const committed = await connection.commit(before.value, outcome.cib, {
        command: [surroundings.name, ...surroundings.words].join(' '),
      });
      if (committed.ok) return { ok: true, value: undefined };
      const again = committed.error.answer?.code === 'conflict' && attempt < ATTEMPTS_MAX;
      if (!again) return fromConnection(committed.error);
    }
  };
  return {
    ok: true,
    value: {
      kind: 'agent',
      perform: run,
      read: async () => translate(await connection.readCib()),
      call: async <M extends Method>(method: M, params: Params<M>): Promise<AccessOutcome<Result<M>>> =>
        translate(await connection.call(method, params)),
      close: async () => {
        await connection.close();
        return { ok: true, value: undefined };
      },
    },
  };
}
