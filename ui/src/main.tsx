import { render } from "preact";
import "maplibre-gl/dist/maplibre-gl.css";
import "./style.css";
import { Page } from "./parts/Page";
import { open } from "./state";
import { direction, language } from "./strings";

document.documentElement.lang = language;
document.documentElement.dir = direction;
render(<Page />, document.getElementById("page")!);
void open();
