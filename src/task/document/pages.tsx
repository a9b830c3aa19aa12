/** `/tasks/:id/document`: a task is saved as a file here, or shown to others by a link, as whoever asks chooses. */
import { Hono } from 'hono'
import { personActor } from '../../domain/caller.ts'
import { may } from '../../domain/permissions.ts'
import { documentOf } from '../../domain/task/told/document/document.ts'
import type { Story } from '../../domain/task/told/story.ts'
import { errorPage, goTo, type PageContext, type PageEnv, page } from '../../http/page/page.tsx'
import { readForm } from '../../http/request/form.ts'
import { newId } from '../../records/ids.ts'
import { embedOriginsOf } from '../../records/people/embed-origins.ts'
import { MOST_SHARES, makeShare, openShares, revokeShare, shareById } from '../../records/task/shares.ts'
import {
  choiceOf,
  documentAnswer,
  documentQuery,
  type ShareAsked,
  type StatusAsked,
  shareForm,
  showsOf,
  statusForm,
} from './choice.ts'
import { storyForDocument } from './load.ts'
import { shareLink } from './share-link.ts'
import { sharedChoice } from './shared-view.tsx'
import { DocumentPage } from './view.tsx'

export const documentPages = new Hono<PageEnv>()

const DAY_MS = 24 * 3_600_000
const PATH = '/tasks/:id/document'

documentPages.get(PATH, async c => {
  const story = await storyOf(c)
  if (story === null) return errorPage(c, 404)
  if (c.req.query('format') === undefined) return show(c, story)
  const asked = documentQuery.safeParse(c.req.query())
  if (!asked.success) return errorPage(c, 404)
  return documentAnswer(documentOf(story, choiceOf(asked.data)), asked.data.format)
})

documentPages.post('/tasks/:id/shares', async c => {
  const form = await readForm(c)
  if (!form.ok) return errorPage(c, form.status)
  const story = await storyOf(c)
  if (story === null) return errorPage(c, 404)
  const given = Object.fromEntries(form.form)
  const asked = given.as === 'status' ? statusForm.safeParse(given) : shareForm.safeParse(given)
  if (!asked.success) {
    return errorPage(c, 400, { title: 'This form is not complete', next: 'Choose again what is to be shown.' })
  }
  const now = Date.now()
  const share = { team: c.get('person').team.id, task: story.view.id, id: newId('shr'), createdAt: now }
  const until = { expiresAt: now + Number(asked.data.days) * DAY_MS }
  const made = await makeShare(
    c.env.DB,
    { ...share, ...until, ...shownBy(asked.data) },
    personActor(c.get('person')),
    story.view.workflow,
  )
  if (!made) {
    const title = `This task has ${MOST_SHARES} links`
    return errorPage(c, 409, { title, next: 'Take back those that nobody needs.' })
  }
  return goTo(c, `/tasks/${story.view.id}/document`, 'The link is made. Whoever has it sees what you chose.')
})

documentPages.post('/tasks/:id/shares/:share/revoke', async c => {
  const { team } = c.get('person')
  const { id, share: named } = c.req.param()
  const share = await shareById(c.env.DB, team.id, id, named)
  const story = share === null ? null : await storyOf(c)
  if (share === null) return errorPage(c, 404)
  await revokeShare(c.env.DB, share, personActor(c.get('person')), Date.now(), story?.view.workflow ?? '')
  return goTo(c, `/tasks/${id}/document`, 'The link shows nothing any more.')
})

function shownBy(asked: ShareAsked | StatusAsked) {
  if ('detail' in asked) {
    return { detail: asked.detail, inputs: asked.inputs === 'yes' ? (1 as const) : (0 as const), shows: null }
  }
  return { detail: 'summary' as const, inputs: 0 as const, shows: showsOf(asked) }
}

function storyOf(c: PageContext): Promise<Story | null> {
  return storyForDocument(c.env, c.get('person').team.id, c.req.param('id') ?? '')
}

/** The page, with what a link would show where that was asked for. */
async function show(c: PageContext, story: Story) {
  const { id: task, title } = story.view
  const person = c.get('person')
  const asked = c.req.query('share') === undefined ? null : shareForm.safeParse(c.req.query())
  const canShare = may(person, 'tasks.act')
  const open = canShare ? await openShares(c.env.DB, person.team.id, task, Date.now()) : []
  const links = await Promise.all(open.map(async share => ({ share, url: await shareLink(c.env, share) })))
  const preview = asked?.success && canShare ? previewOf(story, asked.data) : null
  const looked = c.req.query('embed') === undefined ? null : statusForm.safeParse(c.req.query())
  const embed = {
    asked: looked?.success ? looked.data : null,
    // What a site would show is told from the same document as what it will.
    document: documentOf(story, sharedChoice({ detail: 'summary', inputs: 0 })),
    sites: canShare ? await embedOriginsOf(c.env.DB, person.team.id) : [],
  }
  const content = (
    <DocumentPage task={task} title={title} canShare={canShare} links={links} preview={preview} embed={embed} />
  )
  return page(c, { title: `Save or share ${title}`, active: 'workflows' }, content)
}

function previewOf(story: Story, asked: ShareAsked) {
  const inputs = asked.inputs === 'yes' ? (1 as const) : (0 as const)
  return { asked, document: documentOf(story, sharedChoice({ detail: asked.detail, inputs })) }
}
