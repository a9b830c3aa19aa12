/** `/audit/proof`: until when the audit is proven, its roots, and all of it as a file; and the keys, for everybody. */
import { Hono } from 'hono'
import { personActor } from '../../domain/caller.ts'
import { may } from '../../domain/permissions.ts'
import { Button, ButtonLink } from '../../http/components/button.tsx'
import { EmptyState } from '../../http/components/feedback.tsx'
import { TextField } from '../../http/components/field.tsx'
import { Head } from '../../http/components/table.tsx'
import { Time } from '../../http/components/value/time.tsx'
import { errorPage, goTo, type PageContext, type PageEnv, page } from '../../http/page/page.tsx'
import { readForm } from '../../http/request/form.ts'
import { HOUR_MS, lastRoot, type RootHead, rootsBefore } from '../../records/proof.ts'
import { proofMailOf, putProofMail } from '../../records/proof-mail.ts'
import { Insight } from '../frame.tsx'
import { publishedKeys } from './audit-keys.ts'
import { exportProof, PROOF_TYPE } from './proof-export.ts'
import { ADDRESS } from './proof-mail.ts'

export const proofPages = new Hono<PageEnv>()

const PAGE = 50

proofPages.get('/.well-known/baton-audit-keys.json', async c => {
  const keys = await publishedKeys(c.env, Date.now())
  c.header('Cache-Control', 'public, max-age=300')
  c.header('Access-Control-Allow-Origin', '*')
  return c.json({ keys: keys.map(key => ({ ...key, kty: 'OKP', crv: 'Ed25519', x: key.public })) })
})

proofPages.get('/audit/proof.jsonl', c => {
  c.header('Content-Type', PROOF_TYPE)
  c.header('Content-Disposition', 'attachment; filename="audit-proof.jsonl"')
  return c.body(exportProof(c.env, c.get('person').team.id, Date.now()))
})

proofPages.get('/audit/proof', c => proofPage(c))

proofPages.post('/audit/proof', async c => {
  const sent = await readForm(c)
  if (!sent.ok) return errorPage(c, sent.status)
  const to = (sent.form.get('to') ?? '').trim()
  if (to !== '' && !ADDRESS.test(to)) return proofPage(c, to)
  const person = c.get('person')
  const by = { team: person.team.id, actor: personActor(person), name: person.email, at: Date.now() }
  await putProofMail(c.env.DB, to === '' ? null : to, by)
  return goTo(c, '/audit/proof', to === '' ? 'Roots are not mailed any more.' : `Each new root is mailed to ${to}.`)
})

/** `wrong`: what was typed and is no address. */
async function proofPage(c: PageContext, wrong?: string) {
  const { team } = c.get('person')
  const before = Number(c.req.query('before') ?? Number.NaN)
  const from = Number.isSafeInteger(before) ? before : Number.MAX_SAFE_INTEGER
  const roots = await rootsBefore(c.env.DB, team.id, from, PAGE + 1)
  const last = await lastRoot(c.env.DB, team.id)
  const mail = may(c.get('person'), 'data.manage')
    ? { to: wrong ?? (await proofMailOf(c.env.DB, team.id)) ?? '' }
    : null
  const view = { roots: roots.slice(0, PAGE), older: roots.length > PAGE, last, mail, wrong, now: Date.now() }
  const frame: Parameters<typeof page>[1] = { title: 'Proof', active: 'insight', width: 'wide', styles: ['insight'] }
  return page(c, frame, <ProofPage {...view} />, wrong === undefined ? 200 : 422)
}

interface View {
  roots: RootHead[]
  older: boolean
  last: RootHead | null
  /** Where they are mailed; null: whoever looks may not say so. */
  mail: { to: string } | null
  wrong: string | undefined
  now: number
}

const ProofPage = ({ roots, older, last, mail, wrong, now }: View) => (
  <Insight at="audit">
    <header class="page-head">
      <div>
        <h1>Proof</h1>
        <p>
          {last === null ? (
            'Nothing is proven yet: the first root is made after midnight, UTC.'
          ) : (
            <>
              All that came until <Time at={last.toHour * HOUR_MS} now={now} /> is proven. What is younger goes into the
              next root, after midnight, UTC.
            </>
          )}
        </p>
      </div>
      <div class="row">
        <ButtonLink href="/audit" look="quiet">
          Audit log
        </ButtonLink>
        <ButtonLink href="/audit/proof.jsonl" icon="download">
          Download to verify
        </ButtonLink>
      </div>
    </header>
    <div class="stack">
      <section class="panel stack-tight">
        <h2>How it is verified</h2>
        <p>
          Each entry covers the one before it. Each root covers all that came since the root before, and that root.
          Roots are signed, and the <a href="/.well-known/baton-audit-keys.json">keys are public</a>. So anybody can
          check the file with Node alone, without asking Baton:
        </p>
        <pre class="code">node scripts/verify.mjs audit-proof.jsonl</pre>
        <p>
          It names the first entry that was changed, removed, added or moved, or the root that is not the one that was
          signed.
        </p>
      </section>
      {mail !== null && (
        <form class="panel form narrow" method="post" action="/audit/proof">
          <TextField
            label="Mail each root to"
            name="to"
            type="email"
            value={mail.to}
            error={wrong === undefined ? undefined : 'This is no address.'}
            required={false}
            hint="Someone outside of your team, or your auditor: a root that is kept elsewhere cannot be made anew unseen."
          />
          <Button>Save</Button>
        </form>
      )}
      {roots.length === 0 ? (
        <EmptyState icon="history" title="No roots">
          <p>A day in which nothing came has none.</p>
        </EmptyState>
      ) : (
        <div class="table-scroll">
          <table class="table">
            <Head names={['Root', 'Until', 'Entries', 'SHA-256', 'Key']} />
            <tbody>
              {roots.map(root => (
                <tr>
                  <th scope="row">{root.n}</th>
                  <td>
                    <Time at={root.toHour * HOUR_MS} now={now} />
                  </td>
                  <td>{root.entries}</td>
                  <td>
                    <code>{root.digest}</code>
                  </td>
                  <td>
                    <code>{root.kid}</code>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {older && <a href={`/audit/proof?before=${roots.at(-1)!.n}`}>Earlier roots</a>}
    </div>
  </Insight>
)
