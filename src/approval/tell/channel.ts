/** Channels: what each kind is sent, and the secrets that they keep. Their addresses are secrets, too: no error names more than the host. */
import { readAddress } from '../../domain/call/address.ts'
import type { Env } from '../../env.ts'
import { callOut } from '../../execution/egress/call-out.ts'
import { publicUrl } from '../../http/context.ts'
import { addChannel, type Channel, type ChannelBy, channelsFor, resealChannel } from '../../records/people/channels.ts'
import type { Message } from '../../records/task/told/messages.ts'
import { newSigningSecret, signCallback } from '../../team/secrets/callback-secret.ts'
import { seal, unseal } from '../../team/vault.ts'

/** Channels of a team, and of each of its people: all are called for each message. */
const MOST = 20
const TIMEOUT_MS = 10_000
const OVERLAP_MS = 24 * 3_600_000

/** What is sealed of a channel. */
interface Contents {
  url: string
  /** What a webhook is signed with; Slack's is not. */
  secret?: string
  /** The one before, which signs beside it until then. */
  previous?: { secret: string; until: number }
}

type Refusal = { ok: false; message: string }

/** Makes a channel; a webhook's secret is answered this once. A bad address is refused in words that do not repeat it. */
export async function makeChannel(
  env: Env,
  given: Pick<Channel, 'team' | 'person' | 'kind' | 'tells'> & { url: string },
  by: ChannelBy,
): Promise<{ ok: true; id: string; secret: string | null } | Refusal> {
  const { url, ...channel } = given
  const address = readAddress(url, env.BATON_LOCAL === '1')
  if (!address.ok)
    return { ok: false, message: 'Give a public address that begins with https://, without a name or password.' }
  const others = (await channelsFor(env.DB, channel.team, channel.person)).filter(
    each => each.person === channel.person,
  )
  if (others.length >= MOST)
    return { ok: false, message: `There are ${MOST} channels already: delete one that nobody needs.` }
  const id = `chn_${crypto.randomUUID().replaceAll('-', '')}`
  const secret = channel.kind === 'webhook' ? newSigningSecret() : null
  const contents: Contents = { url, ...(secret !== null && { secret }) }
  const sealed = await seal(env, sealedTo({ ...channel, id }), 1, JSON.stringify(contents))
  await addChannel(env.DB, { ...channel, id, host: address.host, sealed }, by)
  return { ok: true, id, secret }
}

/** A new secret for a webhook, shown this once: the one before signs beside it for a day. null: it has none, or it was rolled this moment. */
export async function rollChannel(env: Env, channel: Channel, by: ChannelBy): Promise<string | null> {
  const contents = await contentsOf(env, channel)
  if (contents?.secret === undefined) return null
  const secret = newSigningSecret()
  const next: Contents = {
    url: contents.url,
    secret,
    previous: { secret: contents.secret, until: by.at + OVERLAP_MS },
  }
  const sealed = await seal(env, sealedTo(channel), channel.sealed.version + 1, JSON.stringify(next))
  return (await resealChannel(env.DB, channel, sealed, by)) ? secret : null
}

function sealedTo({ team, id }: Pick<Channel, 'team' | 'id'>) {
  return { team, id: `channel:${id}` }
}

async function contentsOf(env: Env, channel: Channel): Promise<Contents | null> {
  const text = await unseal(env, sealedTo(channel), channel.sealed)
  return text === null ? null : (JSON.parse(text) as Contents)
}

/** Sends a message there; null: it was taken, otherwise why not. */
export async function sendToChannel(env: Env, channel: Channel, message: Message, now: number): Promise<string | null> {
  const contents = await contentsOf(env, channel)
  if (contents === null) return 'Its address cannot be opened any more: delete the channel and make it again.'
  const link = publicUrl(env, message.path)
  const body = channel.kind === 'slack' ? slackBody(message, link) : webhookBody(message, link)
  const headers = { 'content-type': 'application/json', ...(await signature(contents, message.id, body, now)) }
  const { url } = contents
  const call = { method: 'POST' as const, url, query: {}, headers, body, ok: null, key: null, safe: true, token: null }
  const outcome = await callOut(env, channel.team, { call, key: message.id, timeoutMs: TIMEOUT_MS })
  if (outcome.kind === 'failed')
    return outcome.code === 'host_not_allowed' ? `${channel.host} cannot be called from here.` : outcome.message
  const { status } = outcome.answer
  return status >= 200 && status <= 299 ? null : `${channel.host} answered ${status}.`
}

async function signature(
  { secret, previous }: Contents,
  id: string,
  body: string,
  now: number,
): Promise<Record<string, string>> {
  if (secret === undefined) return {}
  const secrets = previous !== undefined && previous.until > now ? [secret, previous.secret] : [secret]
  const timestamp = Math.floor(now / 1000)
  return {
    'webhook-id': id,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': await signCallback(secrets, id, timestamp, body),
  }
}

/** Slack reads `<`, `>` and `&` as markup, such as of `<!channel>`: escaped, they are signs. */
function slackBody({ subject, text }: Pick<Message, 'subject' | 'text'>, link: string): string {
  const escaped = (raw: string) => raw.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
  const lines = [escaped(subject), escaped(text), `<${escaped(link)}|Open in Baton>`]
  return JSON.stringify({ text: lines.filter(line => line !== '').join('\n'), parse: 'none', link_names: 0 })
}

function webhookBody({ kind, subject, text, recipient, about }: Message, link: string): string {
  const data = { kind, subject, text, url: link, to: recipient, task: about?.task ?? null }
  return JSON.stringify({ type: `notice.${kind}`, data })
}
