/** `/files/:id` for people of the team and `/d/:token` for who was given a link: a file's content, saved or, with `?show=1`, seen. */
import { Hono } from 'hono'
import { secretAddress } from '../http/guard.ts'
import { errorPage, type PageContext, type PageEnv } from '../http/page/page.tsx'
import { type FileRow, fileById } from '../records/file/files.ts'
import { isId } from '../records/ids.ts'
import { readFileLink } from './links.ts'
import { contentOf } from './serve.ts'

export const filePages = new Hono<PageEnv>()
export const fileLinkPages = new Hono<PageEnv>()

filePages.get('/files/:id', async c => {
  const id = c.req.param('id')
  return answer(c, isId('fil', id) ? await fileById(c.env.DB, c.get('person').team.id, id) : null)
})

fileLinkPages.use('/d/:token', secretAddress)

fileLinkPages.get('/d/:token', async c => {
  const read = await readFileLink(c.env, c.req.param('token'), Date.now())
  if (read.ok) return answer(c, await fileById(c.env.DB, read.claims.team, read.claims.file))
  if (read.why === 'forged') return errorPage(c, 403, FORGED)
  return errorPage(c, 410, EXPIRED)
})

const FORGED = {
  title: 'This link is not valid',
  did: 'It was changed, or not copied whole.',
  next: 'Open the page again that it stood on.',
}
const EXPIRED = {
  title: 'This link has expired',
  did: 'Links to files hold for 15 minutes.',
  next: 'Go back to the page that it stood on, and load it again.',
}

async function answer(c: PageContext, file: FileRow | null) {
  const content = file && (await contentOf(c.env, file, c.req.query('show') === '1'))
  return content ?? errorPage(c, 404)
}
