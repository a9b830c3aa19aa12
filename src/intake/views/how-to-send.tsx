/** How to send to an intake: a curl line that works, and where each service asks for address and secret. */
import type { Child } from 'hono/jsx'
import { Copyable } from '../../http/components/button.tsx'
import type { IntakeAuth } from '../../records/schema/intake-config.ts'
import { awaitsOffer } from '../webhook-secret.ts'
import { curlOf } from './curl-line.ts'

/** `body`: a sample, as JSON. */
export const HowToSend = ({ url, auth, body }: { url: string; auth: IntakeAuth; body: string }) => (
  <div class="stack-tight">
    <Copyable text={curlOf(url, auth, body)} />
    <p class="secondary small">{noteOf(auth)}</p>
    {guideOf(auth.type)}
  </div>
)

function noteOf(auth: IntakeAuth): string {
  const { type } = auth
  if (type === 'key') return '$BATON_KEY: a team key that may write tasks (Settings, Keys).'
  if (type === 'open') return 'Anyone who knows this address can make tasks: set a limit, and share it with care.'
  if (awaitsOffer(auth))
    return 'Its sender makes the secret and offers it when you add the webhook there, with the address above. $SECRET is that one, once it is offered.'
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
