'use client'
import { Anchor, Button, Loader, Text, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useMutation, useQuery } from '@tanstack/react-query'
import Link from 'next/link'
import { useEffect, useState } from 'react'
import { useTranslations } from 'use-intl'
import { askForLink, choosePassword, readLink } from './api.ts'
import { EntryFrame } from './entry-frame.tsx'
import { EntryProblem } from './entry-problem.tsx'
import classes from './login-page.module.css'
import { NewPasswordForm } from './new-password-form.tsx'

/** Forgotten passwords and invitations: with a link's token one chooses a password, without one asks for a link. */
export function PasswordPage() {
  // Behind the `#`, so that no server ever sees it; known in the browser only.
  const [token, setToken] = useState<string | null>(null)
  useEffect(() => {
    const read = () => setToken(window.location.hash.slice(1))
    read()
    window.addEventListener('hashchange', read)
    return () => window.removeEventListener('hashchange', read)
  }, [])
  if (token === null) return null
  return token === '' ? <AskForLink /> : <Choose token={token} />
}

function BackToLogin() {
  const t = useTranslations('password')
  return (
    <Anchor component={Link} href="/login" className={classes.beside}>
      {t('toLogin')}
    </Anchor>
  )
}

function AskForLink() {
  const t = useTranslations('password')
  const login = useTranslations('login')
  const form = useForm({
    initialValues: { email: '' },
    validate: { email: (value) => (value.includes('@') ? null : login('needEmail')) },
  })
  const ask = useMutation({ mutationFn: askForLink })
  return (
    <EntryFrame title={t('forgottenTitle')}>
      {ask.isSuccess ? (
        <Text role="status">{t('asked')}</Text>
      ) : (
        <form onSubmit={form.onSubmit(({ email }) => ask.mutate(email))} noValidate className={classes.fields}>
          <Text c="dimmed">{t('forgottenText')}</Text>
          <TextInput label={login('email')} type="email" autoComplete="username" {...form.getInputProps('email')} />
          <EntryProblem error={ask.error} />
          <Button type="submit" fullWidth loading={ask.isPending}>
            {t('ask')}
          </Button>
        </form>
      )}
      <BackToLogin />
    </EntryFrame>
  )
}

function Choose({ token }: { token: string }) {
  const t = useTranslations('password')
  const link = useQuery({ queryKey: ['one-time-link', token], queryFn: () => readLink(token), retry: false })
  const choose = useMutation({ mutationFn: (password: string) => choosePassword(token, password) })
  if (choose.isSuccess)
    return (
      <EntryFrame title={t('chosenTitle')}>
        <Text role="status">{t('chosenText')}</Text>
        <Button component={Link} href="/login">
          {t('toLogin')}
        </Button>
      </EntryFrame>
    )
  if (link.data === undefined)
    return (
      <EntryFrame title={t('chooseTitle')}>
        {link.isError ? <EntryProblem error={link.error} code="link_refused" /> : <Loader color="pine" type="dots" />}
        <Anchor component={Link} href="/password" className={classes.beside}>
          {t('askAgain')}
        </Anchor>
        <BackToLogin />
      </EntryFrame>
    )
  const { purpose, name, email, passwordMin } = link.data
  return (
    <EntryFrame title={purpose === 'invitation' ? t('welcome', { name }) : t('chooseTitle')}>
      <Text c="dimmed">{t(purpose === 'invitation' ? 'invitedText' : 'resetText')}</Text>
      <NewPasswordForm
        email={email}
        min={passwordMin}
        submit={t('choose')}
        isPending={choose.isPending}
        error={choose.error}
        onSubmit={(password) => choose.mutate(password)}
      />
    </EntryFrame>
  )
}
