import { Button } from "@mantine/core";
import { Component, type ReactNode } from "react";
import { useSpeech } from "../texts/language";
import { Notice } from "./Notice";

function CrashNotice() {
  const { t } = useSpeech();
  return (
    <Notice tone="bad" title={t("error.crash")} hint={t("error.crashHint")}>
      <Button size="xs" variant="default" onClick={() => window.location.reload()}>
        {t("error.reload")}
      </Button>
    </Notice>
  );
}

/** Our own mistakes end here: the page says so instead of going blank. */
export class CrashGuard extends Component<{ children: ReactNode }, { crashed: boolean }> {
  override state = { crashed: false };

  static getDerivedStateFromError() {
    return { crashed: true };
  }

  override render() {
    return this.state.crashed ? <CrashNotice /> : this.props.children;
  }
}
