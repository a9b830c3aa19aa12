/** An answer by mail to what an agent asked a person: the one thing that a mail may settle, as its words only go to the agent. */
import { cut } from '../../domain/text/cut.ts'
import type { Env } from '../../env.ts'
import { callTask } from '../../task/call.ts'
import type { Idempotency } from '../../task/rpc.ts'
import { questionMark, type ReplySubject } from '../../team/mail/reply-address.ts'

/** As long as a note may be. */
const MAX_ANSWER = 10_000

/**
 * Settles the question that the mail answers, once; false: it answers none that is open, whoever sent it was not asked, or it
 * is none of the answers there are to choose from. Approvals, calls and what became of a call are never settled so.
 */
export async function answerQuestion(
  env: Env,
  { team, task, mark }: ReplySubject,
  { from, text }: { from: string; text: string },
  idempotency: Idempotency,
): Promise<boolean> {
  if (mark === '') return false
  const asks = await callTask(env, team, task, stub => stub.asks())
  const ask = asks?.find(({ kind, digest }) => kind === 'question' && questionMark(digest) === mark)
  if (ask === undefined) return false
  const said = cut(text.trim(), MAX_ANSWER)
  const chosen = ask.reason.length > 0 ? ask.labels[0] : ask.labels.find(label => isSame(label, said))
  if (chosen === undefined || said === '') return false
  const { digest: seen, visit, run } = ask
  const note = ask.reason.length > 0 ? said : undefined
  const command = { type: 'decide', handoff: chosen, note, seen, visit, run } as const
  const context = { actor: { kind: 'link', id: from } as const, idempotency, flushed: false }
  return (await callTask(env, team, task, stub => stub.command(command, context))).ok
}

/** What a person wrote, without what their program put beneath it: the mail that it answers, and its heading. */
export function ownWords(text: string): string {
  const lines = text.split('\n')
  const original = lines.findIndex(line => /^\s*(?:-{2,}\s*\S.*-{2,}|_{10,}|-- )\s*$/.test(line))
  const quoted = lines.findIndex(line => /^\s*>/.test(line))
  const end = Math.min(...[original, quoted, lines.length].filter(at => at >= 0))
  const own = lines.slice(0, end)
  // "On Monday Baton wrote:" stands right above what is quoted.
  const heading = own.findLastIndex(line => line.trim() !== '')
  const above = end === quoted && own[heading]?.trimEnd().endsWith(':') ? own.slice(0, heading) : own
  // Some write beneath what they quote.
  const words = above.join('\n').trim()
  return words === ''
    ? lines
        .filter(line => !/^\s*>/.test(line))
        .join('\n')
        .trim()
    : words
}

/** The whole mail, or its first line, is the answer. */
function isSame(label: string, said: string): boolean {
  const plain = (text: string) =>
    text
      .trim()
      .toLowerCase()
      .replace(/[.!]+$/, '')
  return [said, said.split('\n')[0]!].some(text => plain(text) === plain(label))
}
