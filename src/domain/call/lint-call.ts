/** The lint of a call over HTTP: its address, the secrets it names, and whether it may be sent twice. */

import { nearest } from '../nearest.ts'
import { checkTemplate } from '../template/template.ts'
import type { LintPath, Report } from '../workflow/lint/item.ts'
import { suggestion } from '../workflow/lint/item.ts'
import { literalHost, readAddress } from './address.ts'
import { type HttpCall, isSafe } from './http-call.ts'
import { secretsMisused, secretsNamed } from './secret-marks.ts'

/** What a team's secrets are, as far as a lint asks: the hosts that each may go to, by name. */
export type KnownSecrets = ReadonlyMap<string, readonly string[]>

/** Lints a call at this path; `secrets` absent: they are not judged. `local`: http and loopback are fine. */
export function lintCall(
  call: HttpCall,
  path: LintPath,
  known: { secrets?: KnownSecrets; local?: boolean },
  report: Report,
): void {
  const host = lintHost(call.url, [...path, 'url'], known.local ?? false, report)
  if (secretsNamed(call.url).length > 0 || secretsMisused(call.url).length > 0) {
    const fix = 'Put it into `headers`, `query` or `body`.'
    report.error([...path, 'url'], 'bad_secret', 'A secret cannot stand in `url`.', fix)
  }
  for (const place of ['query', 'headers', 'body'] as const) {
    if (secretsMisused(call[place]).length === 0) continue
    const fix = 'Write just `{{ secrets.name }}`; keep what is put before it, such as `Bearer`, outside.'
    report.error([...path, place], 'bad_secret', 'A secret is named in another way than `{{ secrets.name }}`.', fix)
  }
  if (known.secrets !== undefined) lintSecrets(call, host, path, known.secrets, report)
}

function lintHost(url: string, path: LintPath, local: boolean, report: Report): string | null {
  const host = literalHost(url)
  if (host === null) {
    const fix = 'Write the host out, followed by a `/`; `{{ }}` can only come after it.'
    report.error(path, 'templated_host', 'The address must begin with https:// and a host that is written out.', fix)
    return null
  }
  const address = readAddress(url.replace(/\{\{.*?\}\}/gs, 'x').replace(/\{%.*?%\}/gs, ''), local)
  if (!address.ok)
    report.error(path, 'host_not_allowed', address.refusal.message, 'Use the public https address of the service.')
  return host
}

function lintSecrets(call: HttpCall, host: string | null, path: LintPath, secrets: KnownSecrets, report: Report): void {
  for (const place of ['query', 'headers', 'body'] as const) {
    for (const name of secretsNamed(call[place])) {
      const hosts = secrets.get(name)
      if (hosts === undefined) {
        const names = [...secrets.keys()]
        const fix = suggestion(nearest(name, names), names, 'An admin of the team can set it on the page Secrets.')
        report.error([...path, place], 'secret_missing', `There is no secret \`${name}\` in this team.`, fix)
      } else if (host !== null && !hosts.includes(host)) {
        const message = `The secret \`${name}\` may not go to ${host}.`
        const fix = `Add ${host} to the hosts of the secret, or use another one.`
        report.error([...path, place], 'secret_host', message, fix)
      }
    }
  }
}

/** A call that is tried again though it must not be sent twice: its retries stop at the first lost answer. */
export function warnUnsafeRetry(call: HttpCall, attempts: number | undefined, path: LintPath, report: Report): void {
  if (isSafe(call) || attempts === undefined || attempts < 2) return
  const message = 'This call may not be sent twice, so that it is not tried again when its answer is lost.'
  const fix = 'Give it a `key` header that the service knows duplicates by, say `safe: true`, or leave `retry` out.'
  report.warn([...path, 'retry'], 'unsafe_retry', message, fix)
}

/** Whether the templates of the call can be read at all: what the common lint of texts cannot know of an address. */
export function lintAddressTemplate(url: string, path: LintPath, report: Report): void {
  if (/\{%/.test(url) && checkTemplate(url).ok) {
    report.error(
      path,
      'bad_template',
      'An address can hold `{{ }}`, and no tags.',
      'Choose the address by a step of its own.',
    )
  }
}
