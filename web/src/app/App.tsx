import { MantineProvider } from "@mantine/core";
import {
  MutationCache,
  QueryCache,
  QueryClient,
  QueryClientProvider,
  useQuery,
} from "@tanstack/react-query";
import { useEffect, useMemo, useRef, type ReactNode } from "react";
import { ApiError } from "../api/client";
import { meQuery } from "../api/queries";
import { CrashGuard } from "../parts/CrashGuard";
import { ErrorNotice } from "../parts/ErrorNotice";
import { Loading } from "../parts/Loading";
import { Notice } from "../parts/Notice";
import { SignInPage } from "../sign_in/SignInPage";
import { LanguageProvider, useSpeech } from "../texts/language";
import styles from "./App.module.css";
import { Header } from "./Header";
import { Link } from "./Link";
import { openPage } from "./pages";
import { useLocation } from "./router";
import { theme } from "./theme";

// A record may change only with the release, so a minute in the cache is safe. Only a silent
// network is worth asking again by itself: every other failure would answer the same.
const isEnded = (error: Error) => error instanceof ApiError && error.status === 401;

// A session that ended while its page stood open: ask again who is there.
function askWhoIsThere(error: Error) {
  if (isEnded(error)) void queryClient.resetQueries({ queryKey: meQuery.queryKey });
}

const queryClient: QueryClient = new QueryClient({
  queryCache: new QueryCache({
    onError: (error, query) => {
      if (query.queryKey[0] !== meQuery.queryKey[0]) askWhoIsThere(error);
    },
  }),
  mutationCache: new MutationCache({
    onError: (error) => {
      if (error instanceof ApiError && error.code === "sign-in") askWhoIsThere(error);
    },
  }),
  defaultOptions: {
    queries: {
      staleTime: 60_000,
      refetchOnWindowFocus: false,
      retry: (count, error) => error instanceof ApiError && error.code === "network" && count < 1,
    },
  },
});

function NoPage({ path }: { path: string }) {
  const { t } = useSpeech();
  return (
    <Notice tone="warn" isPage title={t("page.notFound")} hint={t("page.notFoundHint", { path })}>
      <Link to="/patients">{t("page.backToList")}</Link>
    </Notice>
  );
}

/** Nothing but the way in is shown to whoever is not signed in. */
function Door({ children }: { children: ReactNode }) {
  const { t } = useSpeech();
  const me = useQuery(meQuery);
  if (me.isPending) {
    return (
      <main id="main" className={styles.main}>
        <h1 className="visually-hidden">{t("app.name")}</h1>
        <Loading label={t("state.loading")} />
      </main>
    );
  }
  if (me.isError && isEnded(me.error)) return <SignInPage />;
  if (me.isError) {
    return (
      <main id="main" className={styles.main}>
        <ErrorNotice isPage error={me.error} onRetry={() => void me.refetch()} />
      </main>
    );
  }
  return children;
}

function Shell() {
  const speech = useSpeech();
  const { t } = speech;
  const { path } = useLocation();
  const page = useMemo(() => openPage(path, speech), [path, speech]);
  const title = page?.title ?? t("page.notFound");
  const main = useRef<HTMLElement>(null);
  const shownPath = useRef(path);
  useEffect(() => {
    document.title = `${title} · ${t("app.name")}`;
  }, [title, t]);
  useEffect(() => {
    // A screen reader and the Tab key start from the new page, not from the link that led here.
    if (shownPath.current !== path) main.current?.focus({ preventScroll: true });
    shownPath.current = path;
  }, [path]);
  return (
    <>
      <a href="#main" className={styles.skip}>
        {t("app.skip")}
      </a>
      <Header />
      <main id="main" ref={main} tabIndex={-1} className={styles.main}>
        <CrashGuard key={path}>{page?.content ?? <NoPage path={path} />}</CrashGuard>
      </main>
    </>
  );
}

export function App() {
  return (
    <MantineProvider theme={theme} defaultColorScheme="auto">
      <QueryClientProvider client={queryClient}>
        <LanguageProvider>
          <Door>
            <Shell />
          </Door>
        </LanguageProvider>
      </QueryClientProvider>
    </MantineProvider>
  );
}
