'use client'
import { Button, PasswordInput, Text, TextInput, Title } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Banknote, ClipboardCheck, Leaf } from 'lucide-react'
import { useRouter } from 'next/navigation'
import { useQueryState } from 'nuqs'
import { useTranslations } from 'use-intl'
import { BrandMark } from '../../components/brand.tsx'
import { LanguageMenu, ThemeSwitch } from '../../components/preferences.tsx'
import { ProblemNote } from '../../components/problem-note.tsx'
import { ApiError } from '../../lib/api.ts'
import { useReference } from '../../lib/i18n.tsx'
import { readDemoUsers, signIn } from './api.ts'
import classes from './login-page.module.css'
import { RoutePicture } from './route-picture.tsx'

/** Only a path of our own: an address elsewhere in `next` would send a signed-in person to it. */
function safePath(next: string | null): string {
  return next !== null && /^\/(?![/\\])/.test(next) ? next : '/'
}

export function LoginPage() {
  const t = useTranslations()
  const word = useReference()
  const router = useRouter()
  const queries = useQueryClient()
  const [next] = useQueryState('next')
  const demo = useQuery({
    queryKey: ['demo-users'],
    queryFn: ({ signal }) => readDemoUsers(signal),
    staleTime: Infinity,
  })
  const form = useForm({
    initialValues: { email: '', password: '' },
    validate: {
      email: (value) => (value.includes('@') ? null : t('login.needEmail')),
      password: (value) => (value === '' ? t('login.needPassword') : null),
    },
  })
  const enter = useMutation({
    mutationFn: signIn,
    onSuccess: () => {
      queries.clear()
      router.replace(safePath(next))
    },
  })
  const isWrong = enter.error instanceof ApiError && enter.error.status === 401
  return (
    <div className={classes.page}>
      <aside className={classes.story}>
        <div className={classes.brand}>
          <BrandMark size={36} />
          {t('app.name')}
        </div>
        <RoutePicture className={classes.routes} />
        <div>
          <p className={classes.tagline}>{t('app.tagline')}</p>
          <ul className={classes.points} style={{ marginTop: 28 }}>
            <li>
              <Banknote size={20} aria-hidden /> {t('login.points.value')}
            </li>
            <li>
              <ClipboardCheck size={20} aria-hidden /> {t('login.points.grade')}
            </li>
            <li>
              <Leaf size={20} aria-hidden /> {t('login.points.carbon')}
            </li>
          </ul>
        </div>
      </aside>
      <main className={classes.side}>
        <div className={classes.tools}>
          <div className={classes.small}>
            <BrandMark />
            {t('app.name')}
          </div>
          <LanguageMenu />
          <ThemeSwitch />
        </div>
        <div className={classes.form}>
          <Title order={1}>{t('login.title')}</Title>
          <form
            onSubmit={form.onSubmit((values) => enter.mutate(values))}
            noValidate
            style={{ display: 'grid', gap: 16 }}
          >
            <TextInput label={t('login.email')} type="email" autoComplete="username" {...form.getInputProps('email')} />
            <PasswordInput
              label={t('login.password')}
              autoComplete="current-password"
              {...form.getInputProps('password')}
            />
            {isWrong ? (
              <Text role="alert" c="var(--mantine-color-error)">
                {t('login.wrong')}
              </Text>
            ) : null}
            {enter.isError && !isWrong ? <ProblemNote error={enter.error} /> : null}
            <Button type="submit" fullWidth loading={enter.isPending}>
              {t('login.submit')}
            </Button>
          </form>
          {demo.data === undefined || demo.data.length === 0 ? null : (
            <section className={classes.demo} aria-label={t('login.demoTitle')}>
              <Text size="sm" c="dimmed">
                {t('login.demoText')}
              </Text>
              <div className={classes.demoUsers}>
                {demo.data.map((user) => (
                  <Button
                    key={user.email}
                    variant="default"
                    px="xs"
                    disabled={enter.isPending}
                    onClick={() => enter.mutate({ email: user.email, password: user.password })}
                  >
                    {word(user.label)}
                  </Button>
                ))}
              </div>
            </section>
          )}
        </div>
      </main>
    </div>
  )
}
