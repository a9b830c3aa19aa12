/** `/tasks/:id/document`: a task is saved as a file here, as whoever asks chooses. */
import { Hono } from 'hono'
import { documentOf } from '../../domain/task/told/document/document.ts'
import { errorPage, type PageEnv, page } from '../../http/page/page.tsx'
import { choiceOf, documentAnswer, documentQuery } from './choice.ts'
import { storyForDocument } from './load.ts'
import { DocumentPage } from './view.tsx'

export const documentPages = new Hono<PageEnv>()

documentPages.get('/tasks/:id/document', async c => {
  const story = await storyForDocument(c.env, c.get('person').team.id, c.req.param('id'))
  if (story === null) return errorPage(c, 404)
  const { format } = c.req.query()
  if (format === undefined) {
    const { id, title } = story.view
    return page(c, { title: `Save ${title}`, active: 'workflows' }, <DocumentPage task={id} title={title} />)
  }
  const asked = documentQuery.safeParse(c.req.query())
  if (!asked.success) return errorPage(c, 404)
  return documentAnswer(documentOf(story, choiceOf(asked.data)), asked.data.format)
})
