import { parseStrictJson } from '@proof-of-training/sgd-circuit';
import { line, optional, wholeOf } from './request.js';

/** Longest answer, and line of one, in which facts are looked for. The digest is of all of it. */
const MAX_READ = 8 << 20;

type Some = Record<string, unknown>;

/** Reads what an answer says of itself: OpenAI's and Anthropic's shapes, whole or as events. What fits neither says nothing. */
export class ResponseReader {
  private readonly facts: Some = {};
  private readonly reasons: string[] = [];
  private readonly texts = new Map<number, string>();
  private readonly decoder = new TextDecoder();
  private rest = '';
  private length = 0;
  readonly stream: boolean;

  constructor(contentType: string | null) {
    this.stream = /^text\/event-stream\b/i.test(contentType ?? '');
  }

  take(part: Uint8Array): void {
    this.length += part.length;
    if (this.length > MAX_READ) return;
    this.rest += this.decoder.decode(part, { stream: true });
    if (this.stream) this.takeLines();
  }

  /** What the answer said, in OpenTelemetry's names; `text` where its text was understood. */
  end(): { facts: Some; text?: string } {
    if (this.length > MAX_READ) return { facts: {} };
    if (this.stream) this.takeLine(this.rest);
    else this.takeValue(this.rest);
    const facts = {
      ...this.facts,
      ...(this.reasons.length > 0 && { [REASONS]: this.reasons.slice(0, 128) }),
    };
    const texts = [...this.texts].sort(([a], [b]) => a - b).map(([, text]) => text);
    return { facts, ...(texts.length > 0 && { text: texts.join('\n') }) };
  }

  private takeLines(): void {
    const lines = this.rest.split(/\r\n|\n|\r(?!$)/);
    this.rest = lines.pop()!;
    for (const one of lines) this.takeLine(one);
  }

  private takeLine(text: string): void {
    if (text.startsWith('data:')) this.takeValue(text.slice(5));
  }

  private takeValue(text: string): void {
    const read = parseStrictJson(text.trim(), { maxDepth: 64 });
    const value = 'value' in read ? asObject(read.value) : undefined;
    if (!value) return;
    // Anthropic's first event has a message in it, OpenAI's last one of /responses a response.
    const whole = asObject(value.message) ?? asObject(value.response) ?? value;
    this.takeHead(whole);
    this.takeUsage(asObject(value.usage) ?? asObject(whole.usage));
    for (const choice of list(whole.choices)) this.takeChoice(choice);
    this.takeReason(whole.stop_reason ?? asObject(value.delta)?.stop_reason);
    this.takeText(value, whole);
  }

  private takeHead(value: Some): void {
    const names = [
      ['gen_ai.response.id', line(value.id)],
      ['gen_ai.response.model', line(value.model)],
    ] as const;
    for (const [name, found] of names)
      if (this.facts[name] === undefined) Object.assign(this.facts, optional(name, found));
  }

  private takeUsage(usage: Some | undefined): void {
    if (!usage) return;
    const cached = asObject(usage.prompt_tokens_details) ?? asObject(usage.input_tokens_details);
    Object.assign(
      this.facts,
      optional('gen_ai.usage.input_tokens', wholeOf(usage.prompt_tokens ?? usage.input_tokens)),
      optional('gen_ai.usage.output_tokens', wholeOf(usage.completion_tokens ?? usage.output_tokens)),
      optional(
        'gen_ai.usage.cache_read.input_tokens',
        wholeOf(usage.cache_read_input_tokens ?? cached?.cached_tokens),
      ),
      optional('gen_ai.usage.cache_creation.input_tokens', wholeOf(usage.cache_creation_input_tokens)),
    );
  }

  private takeChoice(choice: Some): void {
    this.takeReason(choice.finish_reason);
    const message = asObject(choice.message) ?? asObject(choice.delta);
    const content = message?.content ?? choice.text;
    const index = wholeOf(choice.index) ?? 0;
    if (typeof content === 'string') this.add(index, content);
    for (const part of list(content)) if (typeof part.text === 'string') this.add(index, part.text);
  }

  private takeReason(reason: unknown): void {
    const found = line(reason);
    if (found !== undefined) this.reasons.push(found);
  }

  /** Text of Anthropic's messages and of OpenAI's responses, whole or in pieces. */
  private takeText(value: Some, whole: Some): void {
    const delta = asObject(value.delta);
    if (value.type === 'content_block_delta' && typeof delta?.text === 'string') this.add(0, delta.text);
    if (value.type === 'response.output_text.delta' && typeof value.delta === 'string')
      this.add(0, value.delta);
    if (this.stream) return;
    const parts = [...list(whole.content), ...list(whole.output).flatMap((item) => list(item.content))];
    for (const part of parts) if (typeof part.text === 'string') this.add(0, part.text);
  }

  private add(index: number, text: string): void {
    this.texts.set(index, (this.texts.get(index) ?? '') + text);
  }
}

const REASONS = 'gen_ai.response.finish_reasons';

function asObject(value: unknown): Some | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Some) : undefined;
}

function list(value: unknown): Some[] {
  return Array.isArray(value) ? value.map(asObject).filter((item) => item !== undefined) : [];
}
