/** `/outbox`, in local mode only: the mail that was kept instead of sent. Nobody need be signed in, as links to sign in are in it. */
import { Hono } from 'hono'
import { EmptyState } from '../../http/components/feedback.tsx'
import { NextPage } from '../../http/components/pagination.tsx'
import { Time } from '../../http/components/value/time.tsx'
import { errorPage, isLocal, type PageEnv, page } from '../../http/page/page.tsx'
import { listMail, mailById, type OutboxMail } from '../../records/people/outbox.ts'
import { notePerson } from '../sign-in/session.ts'

export const outboxRoutes = new Hono<PageEnv>()

const PAGE_SIZE = 50

outboxRoutes.use('/outbox/*', notePerson)

outboxRoutes.get('/outbox', async c => {
  if (!isLocal(c.env)) return errorPage(c, 404)
  const before = Number(c.req.query('cursor') ?? Number.NaN)
  const mail = await listMail(c.env.DB, Number.isSafeInteger(before) ? before : null, PAGE_SIZE + 1)
  const shown = mail.slice(0, PAGE_SIZE)
  const next = mail.length > PAGE_SIZE ? String(shown.at(-1)!.id) : null
  return page(c, { title: 'Outbox', active: 'outbox' }, <Outbox mail={shown} next={next} now={Date.now()} />)
})

outboxRoutes.get('/outbox/:id{[0-9]{1,15}}', async c => {
  const mail = isLocal(c.env) ? await mailById(c.env.DB, Number(c.req.param('id'))) : null
  if (!mail) return errorPage(c, 404)
  return page(c, { title: mail.subject, active: 'outbox' }, <OneMail mail={mail} />)
})

const Outbox = ({ mail, next, now }: { mail: OutboxMail[]; next: string | null; now: number }) => (
  <>
    <header class="page-head">
      <div>
        <h1>Outbox</h1>
        <p>On this machine mail is kept here instead of being sent.</p>
      </div>
    </header>
    {mail.length === 0 ? (
      <EmptyState icon="mail" title="No mail yet">
        <p>Sign-in links and questions to people will show up here.</p>
      </EmptyState>
    ) : (
      <div class="table-scroll">
        <table class="table">
          <thead>
            <tr>
              <th scope="col">Subject</th>
              <th scope="col">To</th>
              <th scope="col" class="number">
                Kept
              </th>
            </tr>
          </thead>
          <tbody>
            {mail.map(one => (
              <tr>
                <th scope="row">
                  <a href={`/outbox/${one.id}`}>{one.subject}</a>
                </th>
                <td>{one.recipient}</td>
                <td class="number">
                  <Time at={one.at} now={now} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    )}
    <NextPage href="/outbox" next={next} />
  </>
)

const OneMail = ({ mail }: { mail: OutboxMail }) => (
  <article class="stack">
    <p>
      <a href="/outbox">Outbox</a>
    </p>
    <h1>{mail.subject}</h1>
    <dl class="facts">
      <dt>To</dt>
      <dd>{mail.recipient}</dd>
      {mail.replyTo !== null && (
        <>
          <dt>Answers go to</dt>
          <dd>{mail.replyTo}</dd>
        </>
      )}
      <dt>Kept</dt>
      <dd>
        <Time at={mail.at} />
      </dd>
    </dl>
    <div class="panel mail-text" hx-ignore>
      <Linked text={mail.text} />
    </div>
  </article>
)

/** The text with its web addresses as links. */
const Linked = ({ text }: { text: string }) => (
  <>
    {text.split(/(https?:\/\/[^\s<>"]+)/).map((part, index) =>
      index % 2 === 1 ? (
        <a href={part} rel="noreferrer">
          {part}
        </a>
      ) : (
        part
      ),
    )}
  </>
)
