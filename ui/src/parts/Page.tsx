import { useEffect } from "preact/hooks";
import { data, failed, moving, report } from "../state";
import { strings } from "../strings";
import { ClockBar } from "./ClockBar";
import { DangerTable } from "./DangerTable";
import { Flights } from "./Flights";
import { Head } from "./Head";
import { Limits } from "./Limits";
import { MapAndNow } from "./MapAndNow";
import { Orders } from "./Orders";
import { OutOverTime } from "./OutOverTime";
import { Places } from "./Places";
import { Plans } from "./Plans";
import { PrintSheets } from "./PrintSheets";
import { Sources } from "./Sources";

export function Page() {
  const title = report.value?.case.title;
  useEffect(() => {
    if (title) document.title = title;
  }, [title]);
  if (failed.value !== null) return <p class="notice" role="alert">{strings.broken(failed.value)}</p>;
  if (report.value === null) return <p class="notice" role="status">{strings.loading}</p>;
  const several = report.value.plans.length > 1 || report.value.front;
  return (
    <>
      <a class="skip" href="#map">{strings.skip}</a>
      <Head />
      <main>
        {moving.value === null ? (
          <p class="notice" role="status">{strings.loading}</p>
        ) : (
          <>
            <MapAndNow />
            <Limits />
            <DangerTable />
            <Orders />
            <OutOverTime />
            <Places />
            {data().flights.length > 0 && <Flights />}
            {several && <Plans />}
            <Sources />
          </>
        )}
      </main>
      {moving.value !== null && <ClockBar />}
      <PrintSheets />
    </>
  );
}
