import { aggregate } from './aggregate.js';
import { chain } from './chain.js';
import { cluster } from './cluster.js';
import { draws } from './draws.js';
import { files } from './files.js';
import { ledger } from './ledger.js';
import { model } from './model.js';
import { options } from './options.js';
import { peft } from './peft.js';
import { proving } from './proving.js';
import { registry } from './registry.js';
import { session } from './session.js';
import { srs } from './srs.js';
import { steps } from './steps.js';
import { verify } from './verify.js';
import { zkml } from './zkml.js';

/** What is known of a code: what is wrong, and what to do, a sentence each. An error itself says more of its own case. */
export interface ErrorDescription {
  readonly text: string;
  readonly hint: string;
}

/** The codes by subject, in the order of docs/reference/errors.md. */
export const errorSections = [
  { title: 'Options, settings and arguments', codes: options },
  { title: 'Models, adapters and training data', codes: model },
  { title: 'Single steps', codes: steps },
  { title: 'Sessions and run folders', codes: session },
  { title: 'Proving, pools and streams', codes: proving },
  { title: 'Many machines', codes: cluster },
  { title: 'Structured reference strings (SRS)', codes: srs },
  { title: 'Files and JSON', codes: files },
  { title: 'Inference as a service', codes: zkml },
  { title: 'Adapter files', codes: peft },
  { title: 'Specifications, statements and runs', codes: verify },
  { title: 'Aggregates and wrappers', codes: aggregate },
  { title: 'Logs of events', codes: ledger },
  { title: 'Chains', codes: chain },
  { title: 'Reverts of the registry', codes: registry },
  { title: 'Drawn evaluations', codes: draws },
] as const;

type Section = (typeof errorSections)[number]['codes'];
type KeysOf<T> = T extends unknown ? keyof T : never;

/** Every code that a {@link PotError} of this repository may have. */
export type PotErrorCode = KeysOf<Section>;

/**
 * All codes, each with what is wrong and what to do.
 *
 * @example errorCodes.VERIFY_FAILED.text // 'The proof does not verify.'
 */
export const errorCodes: Readonly<Record<PotErrorCode, ErrorDescription>> = {
  ...options,
  ...model,
  ...steps,
  ...session,
  ...proving,
  ...cluster,
  ...srs,
  ...files,
  ...zkml,
  ...peft,
  ...verify,
  ...aggregate,
  ...ledger,
  ...chain,
  ...registry,
  ...draws,
};
