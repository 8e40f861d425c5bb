/** Calls of contracts by the hundred, past ethers, which takes many times as long as the chain to say that one was refused. */

export interface Call {
  to: string;
  data: string;
  from?: string;
  /** 0x hex. */
  value?: string;
}

interface Answer {
  id: number;
  result?: string;
  error?: { code: number; message: string };
}

/** What a node answers where a contract reverts, or ends for want of gas, which a precompile takes that is given no points. */
const ended = ({ code, message }: { code: number; message: string }) =>
  code === 3 || message === 'EVM error OutOfGas';
/** Calls in one request: some hundred kilobytes. */
const AT_ONCE = 48;

/** What the contracts return, in order; nothing where they do not end well. Throws for any other answer. */
export async function callAll(url: string, calls: readonly Call[]): Promise<(string | undefined)[]> {
  const returned: (string | undefined)[] = [];
  for (let from = 0; from < calls.length; from += AT_ONCE) {
    returned.push(...(await callSome(url, calls.slice(from, from + AT_ONCE))));
  }
  return returned;
}

async function callSome(url: string, calls: readonly Call[]): Promise<(string | undefined)[]> {
  const requests = calls.map((call, id) => ({
    jsonrpc: '2.0',
    id,
    method: 'eth_call',
    params: [call, 'latest'],
  }));
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(requests) });
  const answers = (await response.json()) as Answer[];
  const of = new Map(answers.map((answer) => [answer.id, answer]));
  return calls.map((_, id) => {
    const { result, error } = of.get(id) ?? {};
    if (result !== undefined) return result;
    if (error && ended(error)) return undefined;
    throw new Error(`call ${id}: ${JSON.stringify(error ?? answers)}`);
  });
}
