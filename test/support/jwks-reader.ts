import { openTokenVerifier } from '#platform/auth/verify-token.ts'

// A process of its own that knows the address of the published keys and nothing else: no database, no secret.
const verify = openTokenVerifier({ jwksUrl: new URL(process.argv[2]!) })

process.on('message', (asked: { readonly token: string; readonly nowMs: number }) => {
  void verify(asked.token, asked.nowMs).then(
    (claims) => process.send!({ claims }),
    (error: Error & { problem?: string }) => process.send!({ refused: error.problem ?? error.message }),
  )
})
process.send!({ isReady: true })
