import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { useEffect, useMemo, useRef } from "react";
import { ApiError } from "../api/client";
import { CrashGuard } from "../parts/CrashGuard";
import { Notice } from "../parts/Notice";
import { LanguageProvider, useSpeech } from "../texts/language";
import styles from "./App.module.css";
import { Header } from "./Header";
import { Link } from "./Link";
import { openPage } from "./pages";
import { useLocation } from "./router";
import { theme } from "./theme";

// A record may change only with the release, so a minute in the cache is safe. Only a silent
// network is worth asking again by itself: every other failure would answer the same.
const queryClient = new QueryClient({
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
          <Shell />
        </LanguageProvider>
      </QueryClientProvider>
    </MantineProvider>
  );
}
