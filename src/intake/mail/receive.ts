/** Mail that comes in: it becomes a task of its address's workflow, an answer to one, or goes back with the reason. */
import type { Env } from '../../env.ts'
import { explain } from '../../http/errors.ts'
import { derivedTaskId, sha256Hex } from '../../records/ids.ts'
import { type FoundIntake, intakeByAddress, isMemberAddress } from '../../records/open-intakes.ts'
import { callTask } from '../../task/call.ts'
import { cameBefore, liveOf } from '../../task/start.ts'
import { REPLY, taskOfToken } from '../../team/reply-address.ts'
import { type Delivery, madeUp } from '../came.ts'
import { examine } from '../examine.ts'
import { settingsOf } from '../kinds/kind.ts'
import { overLimit } from '../limit.ts'
import { note, rowOf } from '../note.ts'
import { startOfDelivery, takeIn } from '../take-in.ts'
import { type ReadMail, readMail } from './read-mail.ts'
import { type EmailSettings, isMailDomain } from './settings.ts'

/** Contract: what an intake takes at most. */
const LIMIT = 1024 * 1024

/** What the platform hands to the `email` handler, as far as it is needed. */
export type IncomingMail = Pick<ForwardableEmailMessage, 'from' | 'to' | 'raw' | 'rawSize' | 'setReject'>

/** Takes a mail in. A reason given to `setReject` is what its sender gets to read. */
export async function receiveMail(message: IncomingMail, env: Env): Promise<void> {
  const reason = await receive(message, env)
  if (reason !== null) message.setReject(reason)
}

async function receive(message: IncomingMail, env: Env): Promise<string | null> {
  const [local = '', domain = ''] = message.to.toLowerCase().split('@')
  // What stands behind the plus is the sender's own, as everywhere; only for answers it is ours.
  const [address = '', token = ''] = local.split('+')
  const answers = address === REPLY && isMailDomain(env, domain)
  const intake = !answers && isMailDomain(env, domain) ? await intakeByAddress(env.DB, address) : null
  if (!intake && !answers) return 'There is no such address here.'
  if (message.rawSize > LIMIT) return 'The mail is larger than 1 MiB. Send less, or a link to it.'
  const raw = new Uint8Array(await new Response(message.raw).arrayBuffer())
  if (raw.byteLength > LIMIT) return 'The mail is larger than 1 MiB. Send less, or a link to it.'
  const mail = await readMail(raw).catch(() => null)
  if (!mail || mail.from === '') return 'The mail cannot be read: it has no sender, or is not well-formed.'
  return intake ? receiveAt(env, intake, mail, raw) : answer(env, token, mail, raw)
}

/** Mail to an intake's address. */
async function receiveAt(env: Env, intake: FoundIntake, mail: ReadMail, raw: Uint8Array): Promise<string | null> {
  const delivery = deliveryOf(intake.id, mail)
  if (!(await isAllowed(env, intake, mail)))
    return refused(env, intake, delivery, `Mail from ${mail.from} is not taken at this address.`, 403)
  if (isByMachine(mail)) return skipped(env, intake, delivery, 'It was sent by a machine in answer to another mail.')
  const task = await earlierTask(env, intake, mail)
  if (task === null) return newTask(env, intake, mail, delivery, raw)
  if (!(await reply(env, { team: intake.team, task }, mail, mail.body, raw)))
    return refused(env, intake, delivery, OVER)
  const outcome = { verdict: 'duplicate', status: 202, reason: 'It answers its task.', task } as const
  await note(env, rowOf(intake.team, delivery, outcome))
  return null
}

const OVER = 'The task that this mail answers is over. Send a new mail.'

/** An answer to one of our own mails: whoever has its signed address was asked. */
async function answer(env: Env, token: string, mail: ReadMail, raw: Uint8Array): Promise<string | null> {
  const subject = await taskOfToken(env, token)
  if (subject === null) return 'This address is not valid any more.'
  // Nobody is told: two machines would go on answering each other.
  if (isByMachine(mail)) return null
  return (await reply(env, subject, mail, withoutOurLinks(mail.body), raw)) ? null : OVER
}

/** An answer quotes our mail, and in it a link that is one person's alone: a task's log is read by the whole team. */
function withoutOurLinks({ html: _html, text, ...body }: ReadMail['body']): ReadMail['body'] {
  const lines = String(text).split('\n')
  const own = lines.filter(line => !/^\s*>/.test(line)).join('\n')
  return { ...body, text: own.replace(/\/(a|s)\/[\w-]{16,}\.?[\w-]*/g, '/$1/…').trim() }
}

function isByMachine({ headers }: ReadMail): boolean {
  return /^auto-(replied|generated)/i.test(headers['auto-submitted'] ?? '')
}

function deliveryOf(intake: string, { body, headers }: ReadMail): Delivery {
  const text = JSON.stringify(body)
  return madeUp(intake, { body, headers, query: {} }, { type: 'message/rfc822', text, isForm: false }, Date.now())
}

/** Without a list the team's own people may write. */
async function isAllowed(env: Env, intake: FoundIntake, { from, headers }: ReadMail): Promise<boolean> {
  // What stands in From is anyone's to write; the mail server that took it says whether its domain vouches for it.
  if (/\bdmarc=fail\b/i.test(headers['authentication-results'] ?? '')) return false
  const { allow } = settingsOf<EmailSettings>(intake)
  if (allow.length === 0) return isMemberAddress(env.DB, intake.team, from)
  return allow.some(one => one === '*' || one === from || (one.startsWith('@') && from.endsWith(one)))
}

/** The task that the first mail of this thread made. */
async function earlierTask(env: Env, intake: FoundIntake, { answers }: ReadMail): Promise<string | null> {
  for (const id of answers) {
    const task = await taskOfMail(intake, id)
    if ((await callTask(env, intake.team, task, stub => stub.view())) !== null) return task
  }
  return null
}

/** A mail's Message-ID makes its task, however often it is delivered. */
function taskOfMail(intake: FoundIntake, key: string): Promise<string> {
  return derivedTaskId(intake.team, 'intake', intake.id, key)
}

async function newTask(env: Env, intake: FoundIntake, mail: ReadMail, delivery: Delivery, raw: Uint8Array) {
  const version = await liveOf(env.DB, intake)
  if (!version.ok) return refused(env, intake, delivery, explain(version.problem).message)
  const examined = examine(intake.config, version.value, delivery)
  // A filter is the owner's choice and no fault of the sender's.
  if (examined.skipped !== null) return skipped(env, intake, delivery, examined.skipped)
  if (examined.problem || examined.input === undefined) {
    const what = examined.problem ? explain(examined.problem).message : 'It could not be read.'
    return refused(env, intake, delivery, `The mail does not fit what this workflow takes: ${what}`)
  }
  const key = dedupeKey(intake, mail) ?? (await keyOf(mail, raw))
  const task = await taskOfMail(intake, key)
  const start = startOfDelivery(intake, version.value, delivery, { task, key, input: examined.input })
  // What came before is no second task, and takes nobody's place.
  if (intake.config.limit !== undefined && !(await cameBefore(env, start))) {
    const limited = await overLimit(env, intake)
    if (limited)
      return refused(env, intake, delivery, `This address takes no more mail for now. ${explain(limited).hint}`)
  }
  const taken = await takeIn(env, intake, start)
  if (!taken.ok) return refused(env, intake, delivery, explain(taken.problem).message)
  if (taken.repeated || taken.held) {
    const verdict = taken.repeated ? 'duplicate' : 'held'
    await note(env, rowOf(intake.team, delivery, { verdict, status: 202, reason: null, task }))
  }
  return null
}

/** By the intake's own rule, where it has one. */
function dedupeKey(intake: FoundIntake, { body, headers }: ReadMail): string | null {
  const { dedupe } = intake.config
  if (dedupe === undefined) return null
  const value = 'header' in dedupe ? headers[dedupe.header.toLowerCase()] : body[dedupe.path]
  return typeof value === 'string' && value !== '' ? value : null
}

async function keyOf(mail: ReadMail, raw: Uint8Array): Promise<string> {
  return mail.messageId ?? `sha256:${await sha256Hex(raw)}`
}

/** An answer is an event of its task, once; false: the task is over, or never was. */
async function reply(
  env: Env,
  { team, task }: { team: string; task: string },
  mail: ReadMail,
  data: ReadMail['body'],
  raw: Uint8Array,
): Promise<boolean> {
  const id = `mail:${await keyOf(mail, raw)}`
  const command = { type: 'event', name: 'reply', data } as const
  const context = { actor: { kind: 'link', id: mail.from } as const, idempotency: { id, hash: task }, flushed: false }
  return (await callTask(env, team, task, stub => stub.command(command, context))).ok
}

/** 403: who sent it did not prove who they are, so it is not sent again with the others. */
async function refused(
  env: Env,
  intake: FoundIntake,
  delivery: Delivery,
  reason: string,
  status: 403 | 422 = 422,
): Promise<string> {
  await note(env, rowOf(intake.team, delivery, { verdict: 'refused', status, reason, task: null }))
  return reason.slice(0, 400)
}

async function skipped(env: Env, intake: FoundIntake, delivery: Delivery, reason: string): Promise<null> {
  await note(env, rowOf(intake.team, delivery, { verdict: 'skipped', status: 200, reason, task: null }))
  return null
}
