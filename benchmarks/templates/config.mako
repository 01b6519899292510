[mysqld]
user = mysql
bind_address = ${getv("/self/container/primary_ip")}
port = ${getv("/self/service/metadata/port", "3306")}
server_id = ${getv("/self/container/create_index")}
max_connections = ${getv("/self/service/metadata/max_connections")}
innodb_buffer_pool_size = ${getv("/self/service/metadata/buffer_pool", "128M")}
character_set_server = ${getv("/self/service/metadata/charset")}

[galera]
wsrep_on = ON
wsrep_cluster_name = "${getv("/self/service/metadata/cluster_name")}"
wsrep_cluster_address = "gcomm://${getv("/self/service/metadata/peers")}"
wsrep_node_name = ${getv("/self/container/name")}
wsrep_node_address = ${getv("/self/container/primary_ip")}
wsrep_sst_method = ${getv("/self/service/metadata/sst_method", "rsync")}
wsrep_sst_auth = "${getv("/self/service/metadata/sst_auth")}"
