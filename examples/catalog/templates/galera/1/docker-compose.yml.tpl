version: '2'
services:
  mariadb-galera-server:
    image: rancher/galera:10.0.22-rancher2
    network_mode: container:galera
    environment:
      MYSQL_ROOT_PASSWORD: ${ROOT_PASSWORD}
    volumes_from:
      - mariadb-galera-data
    labels:
      io.rancher.container.hostname_override: container_name
  mariadb-galera-data:
    image: rancher/galera:10.0.22-rancher2
    network_mode: none
    volumes:
      - /var/lib/mysql
      - /etc/mysql/conf.d
    command: /bin/true
    labels:
      io.rancher.container.start_once: true
  galera:
    image: rancher/galera-conf:v0.2.0
    labels:
      io.rancher.sidekicks: mariadb-galera-data,mariadb-galera-server
      io.rancher.container.hostname_override: container_name
    volumes_from:
      - mariadb-galera-data
{{- if eq .Values.LB "true" }}
  galera-lb:
    image: rancher/load-balancer-service
    expose:
      - 3306:3307/tcp
    links:
      - galera:galera
{{- end }}
