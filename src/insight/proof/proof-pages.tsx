/** `/audit/proof`: until when the audit is proven, its roots, and all of it as a file; and the keys, for everybody. */
import { Hono } from 'hono'
import { ButtonLink } from '../../http/components/button.tsx'
import { EmptyState } from '../../http/components/feedback.tsx'
import { Head } from '../../http/components/table.tsx'
import { Time } from '../../http/components/value/time.tsx'
import { type PageEnv, page } from '../../http/page/page.tsx'
import { HOUR_MS, lastRoot, type RootHead, rootsBefore } from '../../records/proof.ts'
import { Insight } from '../frame.tsx'
import { publishedKeys } from './audit-keys.ts'
import { exportProof, PROOF_TYPE } from './proof-export.ts'

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

proofPages.get('/audit/proof', async c => {
  const { team } = c.get('person')
  const before = Number(c.req.query('before') ?? Number.NaN)
  const from = Number.isSafeInteger(before) ? before : Number.MAX_SAFE_INTEGER
  const roots = await rootsBefore(c.env.DB, team.id, from, PAGE + 1)
  const last = await lastRoot(c.env.DB, team.id)
  const view = { roots: roots.slice(0, PAGE), older: roots.length > PAGE, last, now: Date.now() }
  return page(c, { title: 'Proof', active: 'insight', width: 'wide', styles: ['insight'] }, <ProofPage {...view} />)
})

interface View {
  roots: RootHead[]
  older: boolean
  last: RootHead | null
  now: number
}

const ProofPage = ({ roots, older, last, now }: View) => (
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
