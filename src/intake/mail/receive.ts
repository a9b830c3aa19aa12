/** Mail that comes in: it becomes a task of its address's workflow, an answer to one, or goes back with the reason. */

import { cut } from '../../domain/text/cut.ts'
import type { Env } from '../../env.ts'
import { giveBack } from '../../files/keep.ts'
import { hasTooManyLines } from '../../files/text/mime.ts'
import { explain, type Problem } from '../../http/errors.ts'
import { derivedTaskId } from '../../records/ids.ts'
import { type FoundIntake, intakeByAddress, isMemberAddress } from '../../records/intake/open-intakes.ts'
import { isGone } from '../../records/people/former-members.ts'
import { callTask } from '../../task/call.ts'
import type { OutsideEvent } from '../../task/outside-event.ts'
import type { Idempotency } from '../../task/rpc.ts'
import { type Target, targetOf } from '../../task/start.ts'
import { REPLY, subjectOfToken } from '../../team/mail/reply-address.ts'
import { type Delivery, madeUp } from '../arrival/delivery.ts'
import { overLimit } from '../entry/limit.ts'
import { settingsOf } from '../kinds/kind.ts'
import { applySettings } from '../outcome/apply-settings.ts'
import { deliverEvent, outcomeOfEvent } from '../outcome/deliver-event.ts'
import { noteDelivery } from '../outcome/delivery-note.ts'
import { startDelivery } from '../outcome/start-delivery.ts'
import { attachToReplied, withFiles } from './attachments.ts'
import { CLOUDFLARE, isDisowned } from './authentication.ts'
import { type Writer, writerOf } from './automatic.ts'
import { answerQuestion, ownWords } from './question.ts'
import { type ReadMail, readMail } from './read-mail.ts'
import { type EmailSettings, isMailDomain } from './settings.ts'
import { giveUp, MAX_MAIL, type TakenIn, takeIn } from './take-in.ts'

const TOO_LARGE = 'The mail is larger than 25 MB, or its text than 1 MiB. Send less, or a link to it.'

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
  if (message.rawSize > MAX_MAIL) return TOO_LARGE
  const subject = answers ? await subjectOfToken(env, token) : null
  const taken = await takeIn(env, intake?.team ?? subject?.team ?? null, message.raw)
  if (taken === null) return TOO_LARGE
  try {
    return await receiveTaken(env, taken, { intake, token, envelope: message.from })
  } finally {
    await giveUp(env, taken.files)
  }
}

/** A mail whose attachments lie in storage already. */
async function receiveTaken(
  env: Env,
  { rest, fileOf }: TakenIn,
  { intake, token, envelope }: { intake: FoundIntake | null; token: string; envelope: string },
): Promise<string | null> {
  if (hasTooManyLines(rest))
    return 'The mail has over 20,000 lines, or over 1,000 that begin with --. Send less, or a link to it.'
  const read = await readMail(rest, checkingHost(env), fileOf).catch(() => null)
  if (!read || read.from === '') return 'The mail cannot be read: it has no sender, or is not well-formed.'
  const mail = { ...read, writer: writerOf({ ...read, envelope }) }
  return intake ? receiveAt(env, intake, mail) : answer(env, token, mail)
}

type CameMail = ReadMail & { writer: Writer }

/** Who checks senders before mail reaches us. */
function checkingHost(env: Env): string {
  return env.BATON_MAIL_HOST?.trim().toLowerCase() || CLOUDFLARE
}

/** Mail to an intake's address. */
async function receiveAt(env: Env, intake: FoundIntake, mail: CameMail): Promise<string | null> {
  const delivery = deliveryOf(intake.id, mail)
  // Before all else, as a refusal would be mail for the machine: two of them would go on answering each other.
  if (mail.writer === 'answer')
    return skipped(
      env,
      intake,
      delivery,
      'A machine sent it in answer to another mail: an absence, a bounce, a receipt.',
    )
  if (!(await isAllowed(env, intake, mail)))
    return refused(env, intake, delivery, `Mail from ${mail.from} is not taken at this address.`, UNPROVEN)
  const task = await earlierTask(env, intake, mail)
  if (task === null) return newTask(env, intake, mail, delivery)
  // A former member may write to an address that is open to them, and starts a task; they answer none.
  if (await isGone(env.DB, intake.team, mail.from)) return refused(env, intake, delivery, GONE, UNPROVEN)
  if (!(await reply(env, { team: intake.team, task }, mail, mail.body))) return refused(env, intake, delivery, OVER)
  const outcome = { verdict: 'duplicate', status: 202, reason: 'It answers its task.', task } as const
  await noteDelivery(env, intake.team, delivery, outcome)
  return null
}

const UNPROVEN = { status: 403 }
const GONE = 'This address is no longer in the team. Ask the team to invite you again.'
const OVER = 'The task that this mail answers is over. Send a new mail.'

/** An answer to one of our own mails: whoever has its signed address was asked. */
async function answer(env: Env, token: string, mail: CameMail): Promise<string | null> {
  const subject = await subjectOfToken(env, token)
  if (subject === null) return 'This address is not valid any more.'
  // Only people are asked, and only they answer. No machine is told so: it would answer again.
  if (mail.writer !== 'person') return null
  if (isDisowned(mail.authentication, mail.from)) return `Mail from ${mail.from} is not taken at this address.`
  if (await isGone(env.DB, subject.team, mail.from)) return GONE
  const words = { from: mail.from, text: withoutLinks(ownWords(String(mail.body.text))) }
  if (await answerQuestion(env, subject, words, { id: `answer:${contentKey(mail)}`, hash: subject.task })) return null
  return (await reply(env, subject, mail, withoutOurLinks(mail.body))) ? null : OVER
}

/** An answer quotes our mail, and in it a link that is one person's alone: a task's log is read by the whole team. */
function withoutOurLinks({ html: _html, text, ...body }: ReadMail['body']): ReadMail['body'] {
  const lines = String(text).split('\n')
  const own = lines.filter(line => !/^\s*>/.test(line)).join('\n')
  return { ...body, text: withoutLinks(own) }
}

function withoutLinks(text: string): string {
  return text.replace(/\/(a|s)\/[\w-]{16,}\.?[\w-]*/g, '/$1/…').trim()
}

function deliveryOf(intake: string, { body, headers }: ReadMail): Delivery {
  const text = JSON.stringify(body)
  return madeUp(intake, { body, headers, query: {} }, { type: 'message/rfc822', text, isForm: false }, Date.now())
}

/** Without a list the team's own people may write. */
async function isAllowed(env: Env, intake: FoundIntake, { from, authentication }: ReadMail): Promise<boolean> {
  // What stands in From is anyone's to write; the mail server that took it says whether its domain vouches for it.
  if (isDisowned(authentication, from)) return false
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

/** The key of a mail, its Message-ID as a rule, makes its task, however often it is delivered. */
function taskOfMail(intake: FoundIntake, key: string): Promise<string> {
  return derivedTaskId(intake.team, 'intake', intake.id, key)
}

async function newTask(env: Env, intake: FoundIntake, mail: ReadMail, delivery: Delivery): Promise<string | null> {
  const into = await targetOf(env.DB, intake)
  if (!into.ok) return refused(env, intake, delivery, explain(into.problem).message)
  for (const idempotency of keysOf(intake, mail)) {
    const task = await taskOfMail(intake, idempotency.id)
    // Of a mail that came before the task has the files, and of another one with its key this is found out below.
    const isThere = (await callTask(env, intake.team, task, stub => stub.view())) !== null
    const came = isThere ? delivery : await withFiles(env, intake, task, mail, delivery)
    const outcome = await newTaskBy(env, intake, into.value, mail, came, { task, idempotency })
    if (outcome !== 'another') return outcome
  }
  return refused(env, intake, delivery, 'Another mail has come with the same Message-ID and content.')
}

/** Starts the task under this key; `another`: a different mail has come by it. What is not taken is given back. */
async function newTaskBy(
  env: Env,
  intake: FoundIntake,
  into: Target,
  mail: ReadMail,
  delivery: Delivery,
  { task, idempotency }: { task: string; idempotency: Idempotency },
): Promise<string | null | 'another'> {
  const files = (delivery.files ?? []).map(({ file }) => file)
  const examined = applySettings(intake.config, into.version, delivery)
  if (examined.input === undefined || examined.problem !== null || examined.event)
    await giveBack(env, intake.team, files)
  // A filter is the owner's choice and no fault of the sender's.
  if (examined.skipped !== null) return skipped(env, intake, delivery, examined.skipped)
  if (examined.problem || examined.input === undefined) {
    const what = examined.problem ? explain(examined.problem).message : 'It could not be read.'
    return refused(env, intake, delivery, `The mail does not fit what this workflow takes: ${what}`)
  }
  if (examined.event) return newEvent(env, intake, mail, delivery, examined.event)
  const making = { input: examined.input, refused: null, actor: { kind: 'system' }, task, idempotency } as const
  const started = await startDelivery(env, intake, into, delivery, making)
  if (!started.ok && started.problem.kind === 'idempotency_mismatch') return 'another'
  if (!started.ok) return refusedFor(env, intake, delivery, started.problem)
  if (started.repeated) {
    const outcome = { verdict: 'duplicate', status: 202, reason: null, task } as const
    await noteDelivery(env, intake.team, delivery, outcome)
  }
  return null
}

/** Mail to an intake that takes events: the same mail tells it once. */
async function newEvent(
  env: Env,
  intake: FoundIntake,
  mail: ReadMail,
  delivery: Delivery,
  event: OutsideEvent,
): Promise<string | null> {
  const by = { actor: { kind: 'link', id: mail.from }, delivery: keysOf(intake, mail).at(-1)!.id } as const
  const told = await deliverEvent(env, intake, event, { ...by, ifNew: () => overLimit(env, intake) })
  if (!told.ok) return refusedFor(env, intake, delivery, told.problem)
  await noteDelivery(env, intake.team, delivery, outcomeOfEvent(event, told.value))
  return null
}

/**
 * The first mail of a Message-ID makes the task that answers look for; a different one with the same is no duplicate, and
 * makes its own. By the intake's own rule the first wins, whatever the second says.
 */
function keysOf(intake: FoundIntake, mail: ReadMail): Idempotency[] {
  const own = dedupeKey(intake, mail)
  if (own !== null) return [{ id: own, hash: intake.id }]
  const { messageId, digest: hash } = mail
  return messageId === null ? [{ id: contentKey(mail), hash }] : [messageId, contentKey(mail)].map(id => ({ id, hash }))
}

function contentKey({ messageId, digest }: ReadMail): string {
  return messageId === null ? `sha256:${digest}` : `${messageId} sha256:${digest}`
}

function reasonOf(problem: Problem): string {
  const { message, hint } = explain(problem)
  return problem.kind === 'too_many' ? `This address takes no more mail for now. ${hint}` : message
}

/** By the intake's own rule, where it has one. */
function dedupeKey(intake: FoundIntake, { body, headers }: ReadMail): string | null {
  const { dedupe } = intake.config
  if (dedupe === undefined) return null
  const value = 'header' in dedupe ? headers[dedupe.header.toLowerCase()] : body[dedupe.path]
  return typeof value === 'string' && value !== '' ? value : null
}

/** An answer is an event of its task, once; false: the task is over, or never was. */
async function reply(
  env: Env,
  { team, task }: { team: string; task: string },
  mail: ReadMail,
  data: ReadMail['body'],
): Promise<boolean> {
  const id = `mail:${contentKey(mail)}`
  const command = { type: 'event', name: 'reply', data } as const
  const context = { actor: { kind: 'link', id: mail.from } as const, idempotency: { id, hash: task }, flushed: false }
  const answer = await callTask(env, team, task, stub => stub.command(command, context))
  if (answer.ok && !answer.repeated) await attachToReplied(env, { team, task }, mail)
  return answer.ok
}

/** Refused for what our own rules say; the row names the earlier task where that is why. */
async function refusedFor(env: Env, intake: FoundIntake, delivery: Delivery, problem: Problem): Promise<string> {
  const task = problem.kind === 'duplicate_key' ? problem.task : null
  return refused(env, intake, delivery, reasonOf(problem), { status: explain(problem).status, task })
}

/** 403: who sent it did not prove who they are, so it is not sent again with the others. */
async function refused(
  env: Env,
  intake: FoundIntake,
  delivery: Delivery,
  reason: string,
  { status = 422, task = null }: { status?: number; task?: string | null } = {},
): Promise<string> {
  await noteDelivery(env, intake.team, delivery, { verdict: 'refused', status, reason, task })
  return cut(reason, 400)
}

async function skipped(env: Env, intake: FoundIntake, delivery: Delivery, reason: string): Promise<null> {
  await noteDelivery(env, intake.team, delivery, { verdict: 'skipped', status: 200, reason, task: null })
  return null
}
