import { Button, NativeSelect } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { ApiError } from "../../api/client";
import { identityMutation, sessionQuery } from "../../api/queries";
import { lookReasons, type LookReason } from "../../api/types";
import { wordsOfError } from "../../parts/error_words";
import { ProofForm } from "../../sign_in/ProofForm";
import { useSpeech } from "../../texts/language";
import { IdentityFacts } from "./IdentityFacts";
import styles from "./identity.module.css";

interface FormProps {
  isAsking: boolean;
  onReason: (reason: LookReason) => void;
  onCancel: () => void;
}

function ReasonForm({ isAsking, onReason, onCancel }: FormProps) {
  const { t } = useSpeech();
  const [reason, setReason] = useState("");
  const chosen = lookReasons.find((known) => known === reason);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (chosen) onReason(chosen);
  };
  return (
    <form className={styles.form} onSubmit={submit}>
      <NativeSelect
        size="xs"
        autoFocus
        label={t("identity.reason")}
        description={t("identity.audited")}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
        data={[
          { value: "", label: t("identity.choose") },
          ...lookReasons.map((value) => ({ value, label: t(`identity.reasons.${value}`) })),
        ]}
      />
      <Button size="xs" type="submit" disabled={!chosen} loading={isAsking}>
        {t("identity.show")}
      </Button>
      <Button size="xs" variant="default" onClick={onCancel}>
        {t("identity.cancel")}
      </Button>
    </form>
  );
}

/** Who the patient is: asked for with a reason, shown until hidden or left, kept nowhere. */
export function IdentityBlock({ id }: { id: string }) {
  const { t } = useSpeech();
  const session = useQuery(sessionQuery);
  const [isOpen, setOpen] = useState(false);
  const look = useMutation(identityMutation(id));
  if (!session.data?.identity) return null;
  const close = () => {
    setOpen(false);
    look.reset();
  };
  if (look.data) return <IdentityFacts identity={look.data} onHide={close} />;
  if (!isOpen) {
    return (
      <Button size="compact-xs" variant="default" onClick={() => setOpen(true)}>
        {t("identity.ask")}
      </Button>
    );
  }
  const wantsProof = look.error instanceof ApiError && look.error.code === "step-up";
  if (wantsProof) {
    const askAgain = () => {
      if (look.variables) look.mutate(look.variables);
    };
    return <ProofForm onProved={askAgain} onCancel={close} />;
  }
  return (
    <>
      <ReasonForm isAsking={look.isPending} onReason={look.mutate} onCancel={close} />
      {look.isError && (
        <p role="alert" className={styles.error}>
          {t(wordsOfError(look.error).what)}
        </p>
      )}
    </>
  );
}
