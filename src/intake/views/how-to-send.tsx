/** How to send to an intake: a curl line that works, and where each service asks for address and secret. */
import type { Child } from 'hono/jsx'
import { Copyable } from '../../http/components/button.tsx'
import type { IntakeAuth } from '../../records/schema.ts'
import { awaitsOffer } from '../webhook-secret.ts'

/** `body`: a sample, as JSON. */
export const HowToSend = ({ url, auth, body }: { url: string; auth: IntakeAuth; body: string }) => (
  <div class="stack-tight">
    <Copyable text={curlOf(url, auth, body)} />
    <p class="secondary small">{noteOf(auth)}</p>
    {guideOf(auth.type)}
  </div>
)

/** A line for a shell; `$SECRET` and `$BATON_KEY` are the reader's. */
export function curlOf(url: string, auth: IntakeAuth, body: string): string {
  const quoted = `'${body.replaceAll("'", "'\\''")}'`
  const plain = `-H 'content-type: application/json' -d ${quoted}`
  const shell = `body=${quoted}`
  const post = `curl -X POST '${url}'`
  const sent = `-H 'content-type: application/json' -d "$body"`
  const hex = (message: string) =>
    `$(printf '%s' "${message}" | openssl dgst -sha256 -hmac "$SECRET" -r | cut -d' ' -f1)`
  switch (auth.type) {
    case 'key':
      return `${post} -H "authorization: Bearer $BATON_KEY" ${plain}`
    case 'open':
      return `${post} ${plain}`
    case 'github':
      return `${shell}; ${post} -H "x-hub-signature-256: sha256=${hex('$body')}" -H "x-github-delivery: $(date +%s)-$RANDOM" ${sent}`
    case 'stripe':
      return `${shell}; t=$(date +%s); ${post} -H "stripe-signature: t=$t,v1=${hex('$t.$body')}" ${sent}`
    case 'slack':
      return `${shell}; t=$(date +%s); ${post} -H "x-slack-request-timestamp: $t" -H "x-slack-signature: v0=${hex('v0:$t:$body')}" ${sent}`
    case 'standard-webhooks':
      return `${shell}; t=$(date +%s); id=msg_$t; key=$(printf '%s' "\${SECRET#whsec_}" | base64 -d | od -An -v -tx1 | tr -d ' \\n'); sig=$(printf '%s' "$id.$t.$body" | openssl dgst -sha256 -mac HMAC -macopt hexkey:$key -binary | base64); ${post} -H "webhook-id: $id" -H "webhook-timestamp: $t" -H "webhook-signature: v1,$sig" ${sent}`
    case 'hmac':
      return hmacCurl(`${shell}; `, post, sent, auth)
  }
}

function hmacCurl(shell: string, post: string, sent: string, auth: Extract<IntakeAuth, { type: 'hmac' }>): string {
  const { header, prefix = '', encoding, timestampHeader } = auth
  const message = timestampHeader === undefined ? '$body' : '$t.$body'
  const written = encoding === 'hex' ? `-r | cut -d' ' -f1` : '-binary | base64'
  const signature = `$(printf '%s' "${message}" | openssl dgst -sha256 -hmac "$SECRET" ${written})`
  const time = timestampHeader === undefined ? '' : ` -H "${timestampHeader}: $t"`
  return `${shell}${timestampHeader === undefined ? '' : 't=$(date +%s); '}${post} -H "${header}: ${prefix}${signature}"${time} ${sent}`
}

function noteOf(auth: IntakeAuth): string {
  const { type } = auth
  if (type === 'key') return '$BATON_KEY: a team key that may write tasks (Settings, Keys).'
  if (type === 'open') return 'Anyone who knows this address can make tasks: set a limit, and share it with care.'
  if (awaitsOffer(auth))
    return 'Its sender makes the secret and offers it when you add the webhook there, with the address above.'
  return '$SECRET: the secret of this intake, as it was shown when it was made.'
}

function guideOf(type: IntakeAuth['type']): Child {
  const lines = GUIDES[type]
  return lines === undefined ? null : (
    <details class="explain">
      <summary>Set it up in {NAMES[type]}</summary>
      <ol>
        {lines.map(line => (
          <li>{line}</li>
        ))}
      </ol>
    </details>
  )
}

const NAMES: Partial<Record<IntakeAuth['type'], string>> = {
  github: 'GitHub',
  stripe: 'Stripe',
  slack: 'Slack',
  'standard-webhooks': 'a service that speaks Standard Webhooks',
}

const GUIDES: Partial<Record<IntakeAuth['type'], string[]>> = {
  github: [
    'In the repository or organisation: Settings, Webhooks, Add webhook.',
    'Payload URL: the address above. Content type: application/json. Secret: the one of this intake.',
    'GitHub sends a ping first. To pass it over, filter with headers["x-github-event"] == "issues", or whichever event you want.',
  ],
  stripe: [
    'In Stripe: Developers, Webhooks, Add endpoint, with the address above and the events you want.',
    'Stripe makes the signing secret (whsec_…): reveal it there and paste it here under “Secret”.',
    'One event is one task, however often Stripe sends it: its id is the key.',
  ],
  slack: [
    'In your Slack app: Basic Information, Signing Secret; paste it here under “Secret”.',
    'Event Subscriptions, Request URL: the address above. Slack asks for a challenge; this intake answers it.',
    'Choose the events; body.event holds what happened.',
  ],
  'standard-webhooks': [
    'Add an endpoint with the address above.',
    'If the service makes the secret (whsec_…), paste it here under “Secret”; else give it the one of this intake.',
    'Services that send through Svix need nothing else: their headers are known, too.',
  ],
}
