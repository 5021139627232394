{{- define "procevents.name" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride -}}
{{- else if contains .Chart.Name .Release.Name -}}
{{- .Release.Name | trunc 63 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name .Chart.Name | trunc 63 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "procevents.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "procevents.labels" -}}
{{ include "procevents.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
{{- end -}}

{{- define "procevents.metadata" -}}
metadata:
  name: {{ include "procevents.name" . }}
  namespace: {{ .Release.Namespace }}
  labels:
    {{- include "procevents.labels" . | nindent 4 }}
{{- end -}}

{{- define "procevents.image" -}}
{{- if .Values.image.digest -}}
{{- printf "%s@%s" .Values.image.repository .Values.image.digest -}}
{{- else -}}
{{- printf "%s:%s" .Values.image.repository (.Values.image.tag | default .Chart.AppVersion) -}}
{{- end -}}
{{- end -}}

{{- define "procevents.probe" -}}
httpGet:
  path: {{ .path }}
  port: metrics
  {{- if ne .scheme "HTTP" }}
  scheme: {{ .scheme }}
  {{- end }}
timeoutSeconds: 5
{{- end -}}
