/** Sweeps a page of schedules at the caller's wish, through the entrypoint that the Worker itself goes through. Runs in workerd. */
export default {
  async fetch(request, env) {
    const { now, from } = await request.json()
    const swept = await env.PAGE.sweep(now, from)
    swept[Symbol.dispose]?.()
    return Response.json({ ...swept })
  },
}
