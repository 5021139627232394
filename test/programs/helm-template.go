// What `helm template` does, with what Helm itself is made of: Go's text/template, sprig and sigs.k8s.io/yaml,
// as Debian packages them. (Debian has no helm.) In: a JSON object on stdin, {chart, values, release, namespace}.
// Out: the rendered templates, by file name, as a JSON object of strings.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"text/template"

	"github.com/Masterminds/sprig"
	"sigs.k8s.io/yaml"
)

type request struct {
	Chart     string
	Values    map[string]interface{}
	Release   string
	Namespace string
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// As in Helm: a value that cannot be written is empty, and the last line has no end.
func toYaml(value interface{}) string {
	data, err := yaml.Marshal(value)
	if err != nil {
		return ""
	}
	return strings.TrimSuffix(string(data), "\n")
}

func main() {
	var r request
	check(json.NewDecoder(os.Stdin).Decode(&r))

	var chart struct {
		Name       string `json:"name"`
		Version    string `json:"version"`
		AppVersion string `json:"appVersion"`
	}
	text, err := os.ReadFile(filepath.Join(r.Chart, "Chart.yaml"))
	check(err)
	check(yaml.Unmarshal(text, &chart))

	root := template.New("chart").Option("missingkey=zero")
	functions := sprig.TxtFuncMap()
	delete(functions, "env") // Helm takes these two away
	delete(functions, "expandenv")
	functions["toYaml"] = toYaml
	functions["include"] = func(name string, data interface{}) (string, error) {
		var out strings.Builder
		err := root.ExecuteTemplate(&out, name, data)
		return out.String(), err
	}
	functions["required"] = func(message string, value interface{}) (interface{}, error) {
		if value == nil || value == "" {
			return nil, fmt.Errorf("%s", message)
		}
		return value, nil
	}
	root.Funcs(functions)

	files, err := filepath.Glob(filepath.Join(r.Chart, "templates", "*"))
	check(err)
	for _, file := range files {
		text, err := os.ReadFile(file)
		check(err)
		template.Must(root.New(filepath.Base(file)).Parse(string(text)))
	}

	data := map[string]interface{}{
		"Values":  r.Values,
		"Chart":   map[string]interface{}{"Name": chart.Name, "Version": chart.Version, "AppVersion": chart.AppVersion},
		"Release": map[string]interface{}{"Name": r.Release, "Namespace": r.Namespace, "Service": "Helm"},
	}
	rendered := map[string]string{}
	for _, file := range files {
		name := filepath.Base(file)
		if strings.HasPrefix(name, "_") || strings.HasSuffix(name, ".txt") {
			continue
		}
		var out strings.Builder
		check(root.ExecuteTemplate(&out, name, data))
		rendered[name] = out.String()
	}
	check(json.NewEncoder(os.Stdout).Encode(rendered))
}
