/** Looks at Baton's D1 and tasks from beside it, without Baton's key, limits or pages. Runs in workerd. */
const COUNT = 'SELECT count(*) AS done FROM tasks WHERE team = ?1 AND workflow = ?2 AND over = 1'
// Every log row of a task has its audit row, and the last one says how it ended.
const INCOMPLETE = `SELECT t.id FROM tasks t LEFT JOIN (SELECT task, count(*) AS n FROM audit WHERE team = ?1 GROUP BY task) a ON a.task = t.id
  WHERE t.team = ?1 AND t.workflow = ?2 AND (t.status <> 'done' OR coalesce(a.n, 0) < 5)`

export default {
  async fetch(request, env) {
    const { pathname, searchParams } = new URL(request.url)
    const scope = [searchParams.get('team'), searchParams.get('workflow')]
    if (pathname === '/bench/done')
      return Response.json(
        await env.DB.prepare(COUNT)
          .bind(...scope)
          .first(),
      )
    if (pathname === '/bench/unfinished') {
      const { results } = await env.DB.prepare(INCOMPLETE)
        .bind(...scope)
        .all()
      return Response.json(results.map(row => row.id))
    }
    if (pathname === '/bench/wait') {
      await over(env.TASKS.getByName(`${searchParams.get('team')}:${searchParams.get('id')}`))
      return Response.json({})
    }
    return new Response(null, { status: 404 })
  },
}

async function over(task) {
  while ((await task.view()).status !== 'done') await scheduler.wait(1)
}
