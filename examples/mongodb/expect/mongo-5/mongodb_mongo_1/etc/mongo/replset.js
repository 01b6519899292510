rs.initiate({
  _id: "rs0",
  members: [
    { _id: 1, host: "10.42.60.208:27017" },  // mongodb_mongo_1
    { _id: 2, host: "10.42.13.54:27017" },  // mongodb_mongo_2
    { _id: 3, host: "10.42.156.99:27017" },  // mongodb_mongo_3
    { _id: 4, host: "10.42.49.208:27017" },  // mongodb_mongo_4
    { _id: 5, host: "10.42.245.14:27017", arbiterOnly: true },  // mongodb_mongo_5
  ]
});
